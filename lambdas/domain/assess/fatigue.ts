import type { ChangePoint } from '../detect/detector.ts';
import type { FatigueStatus } from '../report/document.ts';
import { compareFigures } from '../statistics/figures.ts';
import { type AnalysedSeries, type Assessment, latestSegment } from './assessment.ts';

/** A worse change among so many newest observations is early fatigue; a fatigued segment this long needs a replacement. */
export const RECENT = 14;
/** The latest mean CTR is below these shares of its benchmark when fatigued, and when in terminal decline. */
const FATIGUED_SHARE = 0.9;
const TERMINAL_SHARE = 0.7;

/** The fatigue status of a CTR series: the first rule that applies (analysis spec §9; ours). */
export function fatigueOf(ctr: Assessment): FatigueStatus {
  if ('excluded' in ctr || ctr.benchmark === null) return 'unknown';
  if (isBelowBenchmark(ctr)) {
    const { mean, trend } = latestSegment(ctr);
    const low = compareFigures(mean, TERMINAL_SHARE * ctr.benchmark.value) < 0;
    return low && trend === 'declining' ? 'terminal_decline' : 'fatigued';
  }
  return recentWorsening(ctr) === null ? 'healthy' : 'early_fatigue';
}

/** Whether the latest mean is far enough below the benchmark to be fatigued. */
export function isBelowBenchmark(ctr: AnalysedSeries): boolean {
  return (
    ctr.benchmark !== null &&
    compareFigures(latestSegment(ctr).mean, FATIGUED_SHARE * ctr.benchmark.value) < 0
  );
}

/** The last change for the worse among the newest observations, or null. */
export function recentWorsening({ series, detection }: AnalysedSeries): ChangePoint | null {
  const recent = series.days.length - RECENT;
  return (
    detection.changePoints.findLast(({ direction, index }) => direction === 'worse' && index >= recent) ??
    null
  );
}

/** Whether to replace a creative: one just below its benchmark is refreshed instead. */
export function needsReplacement(ctr: Assessment, status: FatigueStatus): boolean {
  if (status === 'terminal_decline') return true;
  return status === 'fatigued' && !('excluded' in ctr) && latestSegment(ctr).n >= RECENT;
}
