export const ALARM_STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const;
export type AlarmState = (typeof ALARM_STATES)[number];

export const MISSING_DATA_TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
type MissingDataTreatment = (typeof MISSING_DATA_TREATMENTS)[number];

/** What a period says: above or below its bounds, or nothing. */
export type Point = 'breaching' | 'within' | 'missing';

export interface Criteria {
  /** N: how many datapoints are looked at. */
  readonly evaluationPeriods: number;
  /** M: how many of them have to be breaching. */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: MissingDataTreatment;
}

/**
 * Periods that are looked at before the last N, for real datapoints in place of missing ones. AWS does not say how many;
 * in its examples there are two.
 */
export const SPARE_PERIODS = 2;

/**
 * The state of an alarm by its last periods, as "Configuring how CloudWatch alarms treat missing data" has it.
 *
 * @param points of the last N periods and the spare ones before, oldest first
 * @returns undefined when the state is kept
 */
export function judge(
  points: readonly Point[],
  { evaluationPeriods, datapointsToAlarm, treatMissingData }: Criteria,
): AlarmState | undefined {
  const real = points.filter((point) => point !== 'missing');
  const recent = real.slice(-evaluationPeriods);
  const breaching = recent.filter((point) => point === 'breaching').length;
  const missing = evaluationPeriods - recent.length;
  if (breaching >= datapointsToAlarm) return 'ALARM';
  if (missing === 0) return 'OK';
  switch (treatMissingData) {
    case 'breaching':
      return breaching + missing >= datapointsToAlarm ? 'ALARM' : 'OK';
    case 'notBreaching':
      return 'OK';
    case 'ignore':
      return real.includes('within') ? 'OK' : undefined;
    case 'missing':
      if (real.length === 0) return 'INSUFFICIENT_DATA';
      return isOldBreach(points, datapointsToAlarm) ? 'ALARM' : 'OK';
  }
}

/** Whether something breaching is known for long enough, and nothing that speaks against it. */
function isOldBreach(points: readonly Point[], datapointsToAlarm: number): boolean {
  const oldest = points.findIndex((point) => point !== 'missing');
  return !points.includes('within') && points.length - oldest >= datapointsToAlarm;
}

/**
 * Datapoints of a percentile that are enough to speak of it: ten beyond it, on its rarer side.
 *
 * @param percent of 0 to 100
 */
export function significantSamples(percent: number): number {
  return 10 / Math.min(percent / 100, 1 - percent / 100);
}
