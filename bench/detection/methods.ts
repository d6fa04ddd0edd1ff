import type { MetricSeries } from '../../lambdas/domain/assess/series.ts';
import type { ChangePoint } from '../../lambdas/domain/detect/detector.ts';
import { windowDistances } from '../../lambdas/domain/detect/distances.ts';
import { detectLevel } from '../../lambdas/domain/detect/level.ts';
import { LEVEL_SETTINGS, type LevelSettings } from '../../lambdas/domain/detect/level-settings.ts';
import { shape } from '../../lambdas/domain/detect/shape.ts';
import { resolveParameters } from '../../lambdas/domain/parameters.ts';
import { cusum } from './cusum.ts';
import { pelt } from './pelt.ts';

/** A change point as far as it is scored. */
export type Alarm = Omit<ChangePoint, 'score'>;

/** A detector with one threshold, which matching moves inside `range`. */
export interface Method {
  readonly name: string;
  readonly range: readonly [low: number, high: number];
  find(series: MetricSeries, threshold: number): readonly Alarm[];
}

function levelMethod(name: string, settings: LevelSettings, range: Method['range']): Method {
  return { name, range, find: (series, threshold) => detectLevel(series, threshold, settings).changePoints };
}

/** Every split of the last 7 to 42 observations instead of four windows. */
const EVERY_SPLIT = Array.from({ length: 36 }, (_, i) => ({ length: 7 + i, factor: 1 }));

export const SHAPE: Method = {
  name: 'shape',
  range: [1, 12],
  find(series, threshold) {
    const parameters = resolveParameters({ detector: 'shape', threshold });
    return shape.detect(series, windowDistances(series, parameters), parameters).changePoints;
  },
};

export const LEVEL = levelMethod('level', LEVEL_SETTINGS, [1.5, 6]);

/** The methods compared at a matched share of false alarms (definitions in `docs/detection.md`). */
export const METHODS: readonly Method[] = [
  SHAPE,
  { name: 'CUSUM, running baseline', range: [2, 20], find: cusum },
  { name: 'PELT over-dispersed, causal', range: [4, 80], find: pelt },
  levelMethod('GLR over-dispersed', { ...LEVEL_SETTINGS, windows: EVERY_SPLIT, wander: 0 }, [1.5, 10]),
  levelMethod('GLR with floor', { ...LEVEL_SETTINGS, windows: EVERY_SPLIT }, [1.5, 6]),
  LEVEL,
];
