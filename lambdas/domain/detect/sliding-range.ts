/**
 * Writes the largest minus the smallest of every `window` consecutive values to `ranges`, which has length
 * values.length − window + 1. The extremes are carried along; a window is searched anew only when one of them leaves it.
 */
export function slidingRanges(values: Float64Array, window: number, ranges: Float64Array): void {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < window - 1; i++) {
    const value = values[i] ?? 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  let leaving = Number.NaN;
  for (let start = 0; start < ranges.length; start++) {
    const newest = values[start + window - 1] ?? 0;
    if (leaving === low || leaving === high) {
      low = newest;
      high = newest;
      for (let i = start; i < start + window - 1; i++) {
        const value = values[i] ?? 0;
        if (value < low) low = value;
        else if (value > high) high = value;
      }
    } else if (newest < low) low = newest;
    else if (newest > high) high = newest;
    ranges[start] = high - low;
    leaving = values[start] ?? 0;
  }
}
