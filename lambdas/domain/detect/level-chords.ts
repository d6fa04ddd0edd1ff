/**
 * Algebra of the exposure path P = (cumulative expected clicks, cumulative clicks) of a creative. A segment of the
 * path enters only through its chord: the weighted expected clicks `a` and weighted clicks `y` it sums to, which is
 * level 1 of its signature and therefore adds up over neighbouring segments (Chen's identity at level 1).
 */

/**
 * Lévy area of the path made of a base chord followed by a window chord: the coefficient of the word 12 of its
 * log-signature, ½(A_B·Y_W − A_W·Y_B). Negative when the window bends down, in (expected clicks) × (clicks).
 */
export function levyArea(baseA: number, baseY: number, windowA: number, windowY: number): number {
  return 0.5 * (baseA * windowY - windowA * baseY);
}

/**
 * Signed normalised Lévy area z of a base and a window chord: sign(area)·√(D·v/(v + ν²ρ²)), where D is the deviance
 * of two Poisson rates against one and v the variance of their difference.
 *
 * To first order √D is |area|·2/√(ρ·A_B·A_W·(A_B+A_W)). `wander` (ν) is the relative wander of the level that is not
 * an event. 0 when either chord has no exposure or neither has clicks: nothing can be compared. Finite for any
 * finite non-negative chords.
 */
export function normalisedArea(
  baseA: number,
  baseY: number,
  windowA: number,
  windowY: number,
  wander: number,
): number {
  const y = baseY + windowY;
  if (!(baseA > 0 && windowA > 0 && y > 0)) return 0;
  const a = baseA + windowA;
  const rate = y / a;
  const area = levyArea(baseA, baseY, windowA, windowY);
  const baseTerm = deviancePart(baseY, baseY / baseA / rate, -2 * (area / (baseA * y)));
  const windowTerm = deviancePart(windowY, windowY / windowA / rate, 2 * (area / (windowA * y)));
  const deviance = Math.max(0, 2 * (baseTerm + windowTerm));
  const z = Math.sqrt(deviance / (1 + wander * wander * rate * (baseA / a) * windowA));
  return area < 0 ? -z : z;
}

/** y·ln(ratio), 0·ln 0 = 0; `excess` is ratio − 1 without cancellation, which decides the accuracy near 1. */
function deviancePart(y: number, ratio: number, excess: number): number {
  if (y === 0) return 0;
  return y * (excess > -0.5 && excess < 0.5 ? Math.log1p(excess) : Math.log(ratio));
}
