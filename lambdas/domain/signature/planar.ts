/**
 * Log-signatures of plane paths to depth 4 (dimension 2, 8 numbers), in straight-line code.
 *
 * To depth 4 the log-signature of a plane path is a set of area moments. Close the path with the chord from its end to
 * its start, write ∫ for the integral over the enclosed region weighted by winding number, (dx, dy) for the chord from
 * start to end, and put the coordinates' origin in the middle of the chord. Then, in the Lyndon basis,
 *
 *     1 : dx            12 : ∫ 1          1112 :  ½ ∫ x²  − dx² ∫ 1 / 24
 *     2 : dy           112 : ∫ x          1122 :  − ∫ xy  + dx dy ∫ 1 / 12
 *                      122 : − ∫ y        1222 :  ½ ∫ y²  − dy² ∫ 1 / 24
 *
 * Why: for a closed path (dx = dy = 0) the signature's words 1…12…2 are ∮ x^a/a! · (−y)^(b−1)/(b−1)! dy, by Green's theorem
 * the moments above, and the logarithm adds only ½ S₂ ⊗ S₂, which has no such word because S11 = S22 = 0. For an open path
 * a coordinate can differ only by products of lower ones with the same letters. Reversing the path keeps the region and
 * the middle of the chord, and turns the sign of the chord, of every moment and of the logarithm: only products of an odd
 * number of these remain. A straight line, whose logarithm ends at level 1, rules out powers of the chord alone, which
 * leaves the chord's square times the area at level 4. One example fixes its factors: an axis-parallel corner, with
 * log(exp(e1) exp(e2)) from the Baker–Campbell–Hausdorff formula.
 *
 * Area moments add up over any triangulation, so they need no Chen products. Around a point O of the path, each segment PQ
 * spans a triangle OPQ; the windows that contain O are the sum of triangles before O, of those after O, and of the
 * triangle that the chord closes. Nothing is subtracted from a sum when the window moves on, so a spike leaves no trace
 * in later windows. Sums are kept without their constant denominators: for a triangle with t = P × Q, s = P + Q,
 *
 *     area = t / 2       ∫x = t sx / 6       ∫x² = t (sx² − Px Qx) / 12       ∫xy = t (sx sy + Px Py + Qx Qy) / 24.
 */

const ROW = 8;

/**
 * Lyndon coordinates of every window of `window` ≥ 2 points, row by row.
 *
 * @param path points × 2, at least `window` points
 * @param out (points − window + 1) × 8
 */
export function planarSlidingLogSignatures(path: Float64Array, window: number, out: Float64Array): void {
  const segments = window - 1;
  const rows = path.length / 2 - segments;
  for (let first = 0; first < rows; first += segments) {
    const origin = Math.min(first + segments, rows) - 1;
    sumBefore(path, first, origin, out);
    addAfter(path, first, origin, segments, out);
  }
}

/** Leaves in row i of `out`, for i = first…origin, the six sums of the triangles from point i to `origin`. */
function sumBefore(path: Float64Array, first: number, origin: number, out: Float64Array): void {
  const originX = path[2 * origin] ?? 0;
  const originY = path[2 * origin + 1] ?? 0;
  let area = 0;
  let x = 0;
  let y = 0;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  let nextX = originX;
  let nextY = originY;
  for (let i = origin; i >= first; i--) {
    const pointX = path[2 * i] ?? 0;
    const pointY = path[2 * i + 1] ?? 0;
    const px = pointX - originX;
    const py = pointY - originY;
    const qx = nextX - originX;
    const qy = nextY - originY;
    // P × Q as P × (Q − P): its error is in proportion to the segment, however far from the origin.
    const t = px * (nextY - pointY) - py * (nextX - pointX);
    const sx = px + qx;
    const sy = py + qy;
    area += t;
    x += t * sx;
    y += t * sy;
    xx += t * (sx * sx - px * qx);
    xy += t * (sx * sy + px * py + qx * qy);
    yy += t * (sy * sy - py * qy);
    const at = ROW * i;
    out[at] = area;
    out[at + 1] = x;
    out[at + 2] = y;
    out[at + 3] = xx;
    out[at + 4] = xy;
    out[at + 5] = yy;
    nextX = pointX;
    nextY = pointY;
  }
}

/** Turns rows first…origin of `out`, which hold the sums before `origin`, into the log-signatures of their windows. */
function addAfter(
  path: Float64Array,
  first: number,
  origin: number,
  segments: number,
  out: Float64Array,
): void {
  const originX = path[2 * origin] ?? 0;
  const originY = path[2 * origin + 1] ?? 0;
  let area = 0;
  let x = 0;
  let y = 0;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  let previousX = originX;
  let previousY = originY;
  for (let i = origin + 1; i <= origin + segments; i++) {
    const pointX = path[2 * i] ?? 0;
    const pointY = path[2 * i + 1] ?? 0;
    const px = previousX - originX;
    const py = previousY - originY;
    const qx = pointX - originX;
    const qy = pointY - originY;
    const t = px * (pointY - previousY) - py * (pointX - previousX);
    const sx = px + qx;
    const sy = py + qy;
    area += t;
    x += t * sx;
    y += t * sy;
    xx += t * (sx * sx - px * qx);
    xy += t * (sx * sy + px * py + qx * qy);
    yy += t * (sy * sy - py * qy);
    previousX = pointX;
    previousY = pointY;
    const row = i - segments;
    if (row < first) continue;
    const at = ROW * row;
    writeWindow(
      out,
      at,
      area + (out[at] ?? 0),
      x + (out[at + 1] ?? 0),
      y + (out[at + 2] ?? 0),
      xx + (out[at + 3] ?? 0),
      xy + (out[at + 4] ?? 0),
      yy + (out[at + 5] ?? 0),
      (path[2 * row] ?? 0) - originX,
      (path[2 * row + 1] ?? 0) - originY,
      qx,
      qy,
    );
  }
}

/**
 * Writes the log-signature of the window from P to Q to `out[at …]`, from its six sums around O. The triangle OQP closes
 * the region, and the moments move to the middle of the chord, s / 2: about that point this triangle, with t = Q × P, has
 * the centroid −s / 6 and the second moments t (s² + d²) / 48.
 *
 * Small enough for the JIT compiler to inline: called, it would take twice as long, for its arguments go through the heap.
 */
function writeWindow(
  out: Float64Array,
  at: number,
  area: number,
  x: number,
  y: number,
  xx: number,
  xy: number,
  yy: number,
  px: number,
  py: number,
  qx: number,
  qy: number,
): void {
  const dx = qx - px;
  const dy = qy - py;
  const sx = px + qx;
  const sy = py + qy;
  const t = qx * py - qy * px;
  // The factors of s, s² and d² that the sums' origin and the closing triangle bring into the moments.
  const first = area * (1 / 4) + t * (1 / 12);
  const second = area * (1 / 16) + t * (1 / 96);
  const chord = area * (1 / 48) + t * (1 / 96);
  const mx = x * (1 / 6);
  const my = y * (1 / 6);
  out[at] = dx;
  out[at + 1] = dy;
  out[at + 2] = 0.5 * (area + t);
  out[at + 3] = mx - sx * first;
  out[at + 4] = sy * first - my;
  out[at + 5] = xx * (1 / 24) + sx * (sx * second - 0.5 * mx) - dx * dx * chord;
  out[at + 6] = 0.5 * (sx * my + sy * mx) - xy * (1 / 24) - 2 * (sx * sy * second - dx * dy * chord);
  out[at + 7] = yy * (1 / 24) + sy * (sy * second - 0.5 * my) - dy * dy * chord;
}
