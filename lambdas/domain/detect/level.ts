import type { MetricSeries } from '../assess/series.ts';
import type { AnalysisParameters } from '../parameters.ts';
import type { ChangePoint, Detection, Detector } from './detector.ts';
import { onset, regimeSplit } from './level-onset.ts';
import { type Counts, LevelRegime } from './level-regime.ts';
import { firstStatistic, LEVEL_SETTINGS, type LevelSettings } from './level-settings.ts';

/**
 * The level detector, version 1: a change point where the click rate of the last 3, 7, 14 or 28 observations left the
 * rate of all observations before them (docs/detection.md; ours, not the library's).
 *
 * Sequential: whatever it says about observation t it says from observations up to t. A fall of clicks per impression
 * (ctr) and per currency unit (cpc) is `worse`. The statistic is max|z| by observation, 0 while a regime restarted
 * after an alarm is too short for any window.
 */
export const level: Detector = {
  name: 'level',
  version: 1,
  detect(series: MetricSeries, _distances: Float64Array, parameters: AnalysisParameters): Detection {
    return detectLevel(series, parameters.levelThreshold, LEVEL_SETTINGS);
  },
  cut: (change: ChangePoint): number => change.onsetIndex,
};

/** The level detector with other constants, for the benchmark's relatives of it. */
export function detectLevel(counts: Counts, threshold: number, settings: LevelSettings): Detection {
  const length = counts.clicks.length;
  const start = firstStatistic(settings);
  const values = new Float64Array(Math.max(0, length - start));
  const changePoints: ChangePoint[] = [];
  let regime = new LevelRegime(counts, 0, settings);
  for (let t = start; t < length; t++) {
    regime.observe(t);
    const score = Math.abs(regime.z);
    values[t - start] = score;
    if (score > threshold) {
      const path = regime.weightedPath(t);
      const sign = regime.z < 0 ? -1 : 1;
      const split = regimeSplit(path, sign, settings);
      changePoints.push({
        index: t,
        onsetIndex: regime.start + onset(path, sign, split, settings),
        direction: sign < 0 ? 'worse' : 'better',
        score,
      });
      regime = new LevelRegime(counts, regime.start + split, settings);
    }
  }
  return { changePoints, statistic: { name: 'level', limit: threshold, start, values } };
}
