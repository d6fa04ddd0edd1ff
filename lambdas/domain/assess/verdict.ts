import type { AnalysisParameters } from '../parameters.ts';
import type { Impact, Trend, Verdict } from '../report/document.ts';
import { type Assessment, benchmarked, latestSegment } from './assessment.ts';
import type { Benchmarked } from './benchmark.ts';
import { fatigueOf, needsReplacement } from './fatigue.ts';
import { rationaleOf } from './rationale.ts';
import { riskOf } from './risk.ts';

/** What the trend of the latest segment leaves of a metric's health. */
const TREND_HEALTH: Readonly<Record<Trend, number>> = {
  improving: 1,
  stable: 1,
  undetermined: 0.85,
  declining: 0.7,
};

/** What is said of a whole creative (analysis spec §9; ours, not the library's). */
export function verdictOf(
  { ctr, cpc }: { readonly ctr: Assessment; readonly cpc: Assessment | null },
  impact: Impact,
  parameters: AnalysisParameters,
): Verdict {
  const fatigueStatus = fatigueOf(ctr);
  const replacementRecommended = needsReplacement(ctr, fatigueStatus);
  const health = [benchmarked(ctr), benchmarked(cpc)].filter((metric) => metric !== null).map(healthOf);
  const observedDays = 'excluded' in ctr ? ctr.excluded.n : ctr.series.days.length;
  const risk = () => riskOf({ fatigueStatus, replacementRecommended }, impact, observedDays);
  return {
    ctrTrend: isDeclining(ctr) ? 'Declining' : 'Stable',
    fatigueStatus,
    healthScore: health.length === 0 ? null : health.reduce((sum, score) => sum + score, 0) / health.length,
    riskScore: health.length === 0 ? null : risk(),
    replacementRecommended,
    rationale: rationaleOf(ctr, parameters),
  };
}

function isDeclining(ctr: Assessment): boolean {
  if ('excluded' in ctr) return false;
  const worsened = ctr.detection.changePoints.some(({ direction }) => direction === 'worse');
  return worsened || latestSegment(ctr).trend === 'declining';
}

/** Health of one metric in [0, 1]: its latest mean against its benchmark, times what the trend leaves of it. */
function healthOf(metric: Benchmarked): number {
  const { mean, trend } = latestSegment(metric);
  const [good, bad] =
    metric.series.metric === 'ctr' ? [mean, metric.benchmark.value] : [metric.benchmark.value, mean];
  return (good >= bad ? 1 : good / bad) * TREND_HEALTH[trend];
}
