/**
 * What the processor's scalar arithmetic costs: unrolled loops with a fixed number of operations for each window of 7
 * plane points. Eight independent chains, so that latency does not bound them; they start from the window's numbers and
 * end in the output array, so that nothing can be left out.
 */

/** 137 multiply-adds (274 operations) a window: 8 chains of 17, and one more. */
export function multiplyAdds137(path: Float64Array, out: Float64Array): void {
  const rows = path.length / 2 - 6;
  for (let row = 0; row < rows; row++) {
    const x = path[2 * row + 12] ?? 0;
    const y = path[2 * row + 13] ?? 0;
    let c0 = path[2 * row + 0] ?? 0;
    let c1 = path[2 * row + 1] ?? 0;
    let c2 = path[2 * row + 2] ?? 0;
    let c3 = path[2 * row + 3] ?? 0;
    let c4 = path[2 * row + 4] ?? 0;
    let c5 = path[2 * row + 5] ?? 0;
    let c6 = path[2 * row + 6] ?? 0;
    let c7 = path[2 * row + 7] ?? 0;
    c0 = (((((c0 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c1 = (((((c1 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c2 = (((((c2 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c3 = (((((c3 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c4 = (((((c4 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c5 = (((((c5 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c6 = (((((c6 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c7 = (((((c7 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c0 = (((((c0 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c1 = (((((c1 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c2 = (((((c2 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c3 = (((((c3 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c4 = (((((c4 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c5 = (((((c5 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c6 = (((((c6 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c7 = (((((c7 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c0 = ((((c0 * x + y) * x + y) * x + y) * x + y) * x + y;
    c1 = ((((c1 * x + y) * x + y) * x + y) * x + y) * x + y;
    c2 = ((((c2 * x + y) * x + y) * x + y) * x + y) * x + y;
    c3 = ((((c3 * x + y) * x + y) * x + y) * x + y) * x + y;
    c4 = ((((c4 * x + y) * x + y) * x + y) * x + y) * x + y;
    c5 = ((((c5 * x + y) * x + y) * x + y) * x + y) * x + y;
    c6 = ((((c6 * x + y) * x + y) * x + y) * x + y) * x + y;
    c7 = (((((c7 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    out[8 * row + 0] = c0;
    out[8 * row + 1] = c1;
    out[8 * row + 2] = c2;
    out[8 * row + 3] = c3;
    out[8 * row + 4] = c4;
    out[8 * row + 5] = c5;
    out[8 * row + 6] = c6;
    out[8 * row + 7] = c7;
  }
}

/** 137 multiplications and additions a window: 68 multiply-adds and one multiplication. */
export function operations137(path: Float64Array, out: Float64Array): void {
  const rows = path.length / 2 - 6;
  for (let row = 0; row < rows; row++) {
    const x = path[2 * row + 12] ?? 0;
    const y = path[2 * row + 13] ?? 0;
    let c0 = path[2 * row + 0] ?? 0;
    let c1 = path[2 * row + 1] ?? 0;
    let c2 = path[2 * row + 2] ?? 0;
    let c3 = path[2 * row + 3] ?? 0;
    let c4 = path[2 * row + 4] ?? 0;
    let c5 = path[2 * row + 5] ?? 0;
    let c6 = path[2 * row + 6] ?? 0;
    let c7 = path[2 * row + 7] ?? 0;
    c0 = (((((c0 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c1 = (((((c1 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c2 = (((((c2 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c3 = (((((c3 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c4 = (((((c4 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c5 = (((((c5 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c6 = (((((c6 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c7 = (((((c7 * x + y) * x + y) * x + y) * x + y) * x + y) * x + y;
    c0 = ((c0 * x + y) * x + y) * x + y;
    c1 = ((c1 * x + y) * x + y) * x + y;
    c2 = ((c2 * x + y) * x + y) * x + y;
    c3 = ((c3 * x + y) * x + y) * x + y;
    c4 = (c4 * x + y) * x + y;
    c5 = (c5 * x + y) * x + y;
    c6 = (c6 * x + y) * x + y;
    c7 = (c7 * x + y) * x + y;
    c7 = c7 * y;
    out[8 * row + 0] = c0;
    out[8 * row + 1] = c1;
    out[8 * row + 2] = c2;
    out[8 * row + 3] = c3;
    out[8 * row + 4] = c4;
    out[8 * row + 5] = c5;
    out[8 * row + 6] = c6;
    out[8 * row + 7] = c7;
  }
}
