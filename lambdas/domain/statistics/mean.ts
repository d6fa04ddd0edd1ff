/**
 * Mean of `values[start … end − 1]`, taken from the first value on: a constant run gives exactly that constant, and
 * neighbouring values keep their digits. The range is not empty.
 */
export function meanOf(values: Int32Array | Float64Array, start: number, end: number): number {
  const first = values[start] ?? 0;
  let above = 0;
  for (let i = start + 1; i < end; i++) above += (values[i] ?? 0) - first;
  return first + above / (end - start);
}
