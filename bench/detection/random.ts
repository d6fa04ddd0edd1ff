/**
 * Seeded random numbers of the detection benchmark: xoshiro128** (Blackman & Vigna, ACM Trans. Math. Softw. 47, 2021)
 * and the samplers the generator needs. Every (seed, stream) pair is an own sequence, so that series i of a seed is
 * the same however many are drawn. All samplers are exact in distribution; none replaces a law by a normal.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number, stream: number) {
    // The mixer is a bijection of 32 bits, so no two pairs share a state; the constants keep it from being all zero.
    this.#a = mix(seed);
    this.#b = mix(stream);
    this.#c = 0x9e3779b9;
    this.#d = 0x243f6a88;
    for (let i = 0; i < 16; i++) this.#next();
  }

  /** 32 random bits. */
  #next(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return result;
  }

  /** Uniform on (0, 1): 53 bits, zero left out so that its logarithm exists. */
  unit(): number {
    for (;;) {
      const value = ((this.#next() >>> 5) * 2 ** 26 + (this.#next() >>> 6)) * 2 ** -53;
      if (value > 0) return value;
    }
  }

  uniform(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** Uniform integer on low … high, both included; `low` when the range is empty. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.unit() * Math.max(1, high - low + 1));
  }

  logUniform(low: number, high: number): number {
    return Math.exp(this.uniform(Math.log(low), Math.log(high)));
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** Standard normal (Box & Muller 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }

  /** Poisson by products of uniforms (Knuth, TAOCP 3.4.1); meant for small means. */
  poisson(mean: number): number {
    const limit = Math.exp(-mean);
    let product = this.unit();
    let count = 0;
    for (; product > limit; count++) product *= this.unit();
    return count;
  }

  /** Gamma with shape ≥ 1 and scale 1 (Marsaglia & Tsang, ACM Trans. Math. Softw. 26, 2000). */
  gamma(shape: number): number {
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(this.unit()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** Beta with the given mean and standard deviation; both shapes must come out ≥ 1. */
  beta(mean: number, sd: number): number {
    const concentration = (mean * (1 - mean)) / (sd * sd) - 1;
    const success = this.gamma(mean * concentration);
    return success / (success + this.gamma((1 - mean) * concentration));
  }

  /** Binomial(n, p): inversion for a small mean, else Hörmann's transformed rejection. */
  binomial(n: number, p: number): number {
    if (p > 0.5) return n - this.binomial(n, 1 - p);
    return n * p < 10 ? this.#binomialByInversion(n, p) : this.#binomialByRejection(n, p);
  }

  #binomialByInversion(n: number, p: number): number {
    const odds = p / (1 - p);
    let mass = Math.exp(n * Math.log1p(-p));
    let left = this.unit();
    let k = 0;
    while (left > mass && k < n) {
      left -= mass;
      k++;
      mass *= (odds * (n - k + 1)) / k;
    }
    return k;
  }

  /** BTRS (Hörmann, J. Statist. Comput. Simul. 46, 1993): exact for n·p ≥ 10, p ≤ ½, in constant time. */
  #binomialByRejection(n: number, p: number): number {
    const spread = Math.sqrt(n * p * (1 - p));
    const b = 1.15 + 2.53 * spread;
    const a = -0.0873 + 0.0248 * b + 0.01 * p;
    const centre = n * p + 0.5;
    const accept = 0.92 - 4.2 / b;
    const alpha = (2.83 + 5.1 / b) * spread;
    const logOdds = Math.log(p / (1 - p));
    const mode = Math.floor((n + 1) * p);
    const atMode = logFactorial(mode) + logFactorial(n - mode);
    for (;;) {
      const v = this.unit();
      const u = this.unit() - 0.5;
      const us = 0.5 - Math.abs(u);
      const k = Math.floor(((2 * a) / us + b) * u + centre);
      if (k < 0 || k > n) continue;
      if (us >= 0.07 && v <= accept) return k;
      const ratio = atMode - logFactorial(k) - logFactorial(n - k) + (k - mode) * logOdds;
      if (Math.log((v * alpha) / (a / (us * us) + b)) <= ratio) return k;
    }
  }
}

/** ln k!, by product below 10 and Stirling's series (error below 1e-11) from there. */
export function logFactorial(k: number): number {
  if (k < 10) {
    let product = 1;
    for (let i = 2; i <= k; i++) product *= i;
    return Math.log(product);
  }
  const x = k + 1;
  const inverse = 1 / (x * x);
  const series = (1 / 12 - (1 / 360 - (1 / 1260 - inverse / 1680) * inverse) * inverse) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** The finaliser of MurmurHash3 over a Weyl step. */
function mix(value: number): number {
  let h = (value + 0x6d2b79f5) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
