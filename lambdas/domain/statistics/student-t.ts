/**
 * Student's t distribution for whole degrees of freedom, which is all that a regression needs.
 *
 * Only + − × ÷ √ are used. IEEE 754 rounds these the same way everywhere, so a p-value has the same bits on every
 * machine and engine, which `Math.exp`, `Math.log` and `Math.pow` do not promise.
 */

const TINY = 1e-300;
const PRECISION = 2 ** -50;

/**
 * The probability that |T| is at least |t| under Student's t distribution: the p-value of a two-sided test.
 *
 * P(|T| ≥ |t|) = I_x(ν/2, 1/2) with x = ν/(ν + t²), the regularised incomplete beta function (DLMF 8.17.1 and
 * Abramowitz and Stegun 26.7.1). Relative error below 1e-12 up to a thousand degrees of freedom, in the tails as well.
 *
 * @param t any number; ±∞ gives 0
 * @param degreesOfFreedom a whole number of at least 1
 */
export function studentTwoSided(t: number, degreesOfFreedom: number): number {
  if (!Number.isSafeInteger(degreesOfFreedom) || degreesOfFreedom < 1 || Number.isNaN(t)) {
    throw new RangeError(
      `Student's t needs a number and whole degrees of freedom, not ${t} and ${degreesOfFreedom}`,
    );
  }
  const square = t * t;
  if (square === Number.POSITIVE_INFINITY) return 0;
  const a = degreesOfFreedom / 2;
  const x = degreesOfFreedom / (degreesOfFreedom + square);
  const y = square / (degreesOfFreedom + square);
  // x^a (1 − x)^(1/2) / B(a, 1/2): what the continued fraction of either side is multiplied with.
  const front = powerOfHalves(x, degreesOfFreedom) * Math.sqrt(y) * inverseBeta(degreesOfFreedom);
  // The fraction converges quickly below its turning point; above it the other tail does (DLMF 8.17.4).
  if (x < (a + 1) / (a + 2.5)) return (front * continuedFraction(x, a, 0.5)) / a;
  return 1 - (front * continuedFraction(y, 0.5, a)) / 0.5;
}

/** x^(halves / 2) by repeated squaring. */
function powerOfHalves(x: number, halves: number): number {
  let result = halves % 2 === 1 ? Math.sqrt(x) : 1;
  let square = x;
  for (let left = Math.floor(halves / 2); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

/**
 * 1 / B(ν/2, 1/2) = Γ((ν+1)/2) / (Γ(ν/2) √π), from its values 1/π at ν = 1 and 1/2 at ν = 2 and the recurrence
 * Γ(z + 1) = z Γ(z) (DLMF 5.5.1, 5.12.1).
 */
function inverseBeta(degreesOfFreedom: number): number {
  let value = degreesOfFreedom % 2 === 1 ? 1 / Math.PI : 0.5;
  for (let n = degreesOfFreedom % 2 === 1 ? 3 : 4; n <= degreesOfFreedom; n += 2) value *= (n - 1) / (n - 2);
  return value;
}

/**
 * The continued fraction of the incomplete beta function (DLMF 8.17.22), evaluated forwards by Lentz's method in the
 * form of Thompson and Barnett (Numerical Recipes, 3rd edition, sections 5.2 and 6.4).
 */
function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; ; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    const factor = c * d;
    fraction *= factor;
    if (Math.abs(factor - 1) <= PRECISION) return fraction;
  }
}

/** Lentz's method may not divide by zero; a tiny number in its place leaves the result as it is. */
function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
