/**
 * Seeded pseudo-random numbers for the sample.
 *
 * The generator is xoshiro128** (Blackman and Vigna, 2018), seeded through a 32-bit SplitMix. Everything derived from it
 * uses integers and `+ − × ÷ √` on doubles only, which IEEE 754 rounds the same way on every machine. `Math.exp`,
 * `Math.log`, `Math.cos` and `Math.pow` are avoided: engines may differ there in the last bit, and one bit can move
 * a rounded count.
 */
export class Random {
  #s0: number;
  #s1: number;
  #s2: number;
  #s3: number;

  /** @param state 128 bits as four 32-bit integers, not all zero */
  constructor(state: readonly [number, number, number, number]) {
    [this.#s0, this.#s1, this.#s2, this.#s3] = state;
  }

  /** @param stream independent sequences of one seed, so that one creative's draws never shift another's */
  static seeded(seed: number, stream = 0): Random {
    let state = Math.imul(seed, 0x9e3779b1) + Math.imul(stream, 0x85ebca6b);
    const splitmix32 = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      return z ^ (z >>> 16);
    };
    return new Random([splitmix32(), splitmix32(), splitmix32(), splitmix32() | 1]);
  }

  /** The next 32 random bits, as an integer in [0, 2^32). */
  bits(): number {
    const starred = Math.imul(this.#s1, 5);
    const result = Math.imul((starred << 7) | (starred >>> 25), 9) >>> 0;
    const t = this.#s1 << 9;
    this.#s2 ^= this.#s0;
    this.#s3 ^= this.#s1;
    this.#s1 ^= this.#s2;
    this.#s0 ^= this.#s3;
    this.#s2 ^= t;
    this.#s3 = (this.#s3 << 11) | (this.#s3 >>> 21);
    return result;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * (this.bits() / 2 ** 32);
  }

  /** Uniform integer in [low, high], both included. */
  integer(low: number, high: number): number {
    return low + Math.floor((this.bits() / 2 ** 32) * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.bits() / 2 ** 32 < probability;
  }

  /** Log-uniform in [middle / e^spread, middle · e^spread). */
  around(middle: number, spread: number): number {
    return middle * exponential(this.between(-spread, spread));
  }

  /** Close to a standard normal: the sum of twelve uniforms less six (Irwin-Hall), so never beyond ±6. */
  normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.bits() / 2 ** 32;
    return sum;
  }

  /** Binomial(n, p): exact inversion where few successes are expected, rounded normal approximation elsewhere. */
  binomial(n: number, p: number): number {
    const mean = n * p;
    if (mean >= 25) {
      const drawn = Math.round(mean + Math.sqrt(mean * (1 - p)) * this.normal());
      return Math.min(n, Math.max(0, drawn));
    }
    let successes = 0;
    let mass = integerPower(1 - p, n);
    let remaining = this.bits() / 2 ** 32 - mass;
    while (remaining >= 0 && successes < n && mass > 0) {
      successes++;
      mass *= ((n - successes + 1) / successes) * (p / (1 - p));
      remaining -= mass;
    }
    return successes;
  }

  /** A shuffled copy (Fisher-Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    const result: T[] = [];
    while (rest.length > 0) result.push(...rest.splice(this.integer(0, rest.length - 1), 1));
    return result;
  }
}

/** e^x by its Taylor series, for |x| ≤ 5; arithmetic only, so the same bits everywhere. */
export function exponential(x: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; n <= 40; n++) {
    term *= x / n;
    sum += term;
  }
  return sum;
}

/** base^exponent for an integer exponent ≥ 0, by repeated squaring. */
export function integerPower(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
