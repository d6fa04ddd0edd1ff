import type { Impact } from '../report/document.ts';
import { pearson } from '../statistics/correlation.ts';
import { compareFigures } from '../statistics/figures.ts';
import type { MetricSeries } from './series.ts';

/** Fewest days a correlation is given for, and from where on it counts as inverse (analysis spec §8). */
const FEWEST_DAYS = 10;
const INVERSE = -0.5;

/**
 * Pearson correlation of the daily CTR and CPC over the days that have both (analysis spec §8): context that never
 * combines the metrics.
 */
export function correlationOf(ctr: MetricSeries, cpc: MetricSeries | null): Impact['correlation'] {
  if (cpc === null) return { r: null, n: 0, inverse: false };
  const { x, y } = ctr.days === cpc.days ? { x: ctr.values, y: cpc.values } : commonDays(ctr, cpc);
  const r = x.length < FEWEST_DAYS ? null : pearson(x, y);
  return { r, n: x.length, inverse: r !== null && compareFigures(r, INVERSE) <= 0 };
}

/** The values of two series on the days that both have. */
function commonDays(a: MetricSeries, b: MetricSeries): { x: Float64Array; y: Float64Array } {
  const longest = Math.min(a.days.length, b.days.length);
  const [x, y] = [new Float64Array(longest), new Float64Array(longest)];
  let n = 0;
  let j = 0;
  for (let i = 0; i < a.days.length; i++) {
    const day = a.days[i] ?? 0;
    while (j < b.days.length && (b.days[j] ?? 0) < day) j++;
    if (j === b.days.length || b.days[j] !== day) continue;
    x[n] = a.values[i] ?? 0;
    y[n] = b.values[j] ?? 0;
    n++;
  }
  return { x: x.subarray(0, n), y: y.subarray(0, n) };
}
