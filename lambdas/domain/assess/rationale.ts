import type { ChangePoint } from '../detect/detector.ts';
import type { AnalysisParameters } from '../parameters.ts';
import type { ExcludedMetric, Segment } from '../report/document.ts';
import { counted, longDay, percentage, shortPercentage, significant, standing } from '../report/format.ts';
import { type AnalysedSeries, type Assessment, latestSegment } from './assessment.ts';
import { isBelowBenchmark, RECENT, recentWorsening } from './fatigue.ts';

/** One sentence of figures that shows why a creative has its fatigue status (analysis spec §9). It names no cause. */
export function rationaleOf(ctr: Assessment, parameters: AnalysisParameters): string {
  if ('excluded' in ctr) return exclusionSentence(ctr.excluded, parameters);
  const latest = latestSegment(ctr);
  const average = `averaged ${percentage(latest.mean)} over the ${counted(latest.n, 'observed day')} since ${firstDay(ctr, latest)}`;
  if (ctr.benchmark === null) {
    const wanted = counted(parameters.windowSize, 'observed day');
    return `CTR ${average}, and no stable or improving segment of at least ${wanted} gives a benchmark.`;
  }
  const { value } = ctr.benchmark;
  const comparison = `${average}, ${standing(latest.mean, value)} its benchmark of ${percentage(value)}${falling(latest)}`;
  if (isBelowBenchmark(ctr)) return `CTR ${comparison}.`;
  const change = recentWorsening(ctr);
  if (change === null) {
    return `CTR ${comparison}, and has no change point for the worse in the last ${RECENT} observed days.`;
  }
  return `CTR changed for the worse on ${changeDays(ctr, change)} and ${comparison}.`;
}

function firstDay({ series }: AnalysedSeries, segment: Segment): string {
  return longDay(series.days[segment.start] ?? 0);
}

function changeDays({ series }: AnalysedSeries, { index, onsetIndex }: ChangePoint): string {
  const onset = longDay(series.days[onsetIndex] ?? 0);
  return index === onsetIndex ? onset : `${onset} (detected on ${longDay(series.days[index] ?? 0)})`;
}

function falling({ trend, slope }: Segment): string {
  if (trend !== 'declining' || slope === null) return '';
  return `, falling by ${significant(-slope * 100, 2)} percentage points a day`;
}

function exclusionSentence(
  { reason, n, gap, density }: ExcludedMetric['excluded'],
  limits: AnalysisParameters,
): string {
  switch (reason) {
    case 'no_data':
      return 'No observed day has impressions, so there is no CTR to follow.';
    case 'too_few_days':
      return `Only ${counted(n, 'observed day')} with impressions, where a verdict needs at least ${limits.minDays}.`;
    case 'gap_too_long':
      return `Two observed days lie ${gap} days apart, where a verdict allows at most ${limits.maxGapDays}.`;
    case 'too_sparse': {
      const span = Math.round(n / (density ?? 1));
      return `Only ${n} of ${span} days were observed, where a verdict needs at least ${shortPercentage(limits.minDensity)}.`;
    }
  }
}
