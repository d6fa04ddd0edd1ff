import { integerPower, type Random } from './random.ts';

/**
 * What is planted in a creative.
 *
 * - `drop`: CTR falls from one day to the next and stays down
 * - `gradual`: CTR falls linearly over some weeks, then stays down
 * - `wear_out`: CTR decays exponentially towards a lower level
 * - `drop_recover`: CTR falls for two to four weeks, then is back
 * - `step_up`: CTR rises from one day to the next
 * - `cpc_step`, `cpc_ramp`: the price of impressions rises at once or linearly; CTR is untouched
 */
export const EVENT_KINDS = [
  'drop',
  'gradual',
  'wear_out',
  'drop_recover',
  'step_up',
  'cpc_step',
  'cpc_ramp',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** A planted change. Day numbers count from the first day of the export. */
export interface PlantedEvent {
  readonly kind: EventKind;
  readonly metric: 'ctr' | 'cpc';
  /** First day on which the metric is touched. */
  readonly onset: number;
  /** Last day of the fall (`gradual`, `cpc_ramp`) or of the low period (`drop_recover`); null where there is none. */
  readonly end: number | null;
  /** Relative change of the metric once the event is complete: −0.4 is 40 % lower. */
  readonly magnitude: number;
  /** Days in which `wear_out` covers all but 1/e of the way; unused elsewhere. */
  readonly decayDays: number;
}

const QUIET_DAYS_BEFORE = 21;
/** The longest event takes 29 days; two quiet weeks follow it. */
const DAYS_FROM_ONSET = 45;

/**
 * Draws an event that leaves 21 days before it and 14 after it is complete.
 *
 * @param first first day of delivery
 * @param last last day of delivery, at least 66 days after `first`
 */
export function plantEvent(kind: EventKind, first: number, last: number, random: Random): PlantedEvent {
  const onset = random.integer(first + QUIET_DAYS_BEFORE, last - DAYS_FROM_ONSET);
  const common = { kind, metric: 'ctr', onset, end: null, decayDays: 1 } as const;
  switch (kind) {
    case 'drop':
      return { ...common, magnitude: -rounded(random.between(0.18, 0.55)) };
    case 'gradual':
      return {
        ...common,
        end: onset + random.integer(10, 28),
        magnitude: -rounded(random.between(0.3, 0.6)),
      };
    case 'wear_out':
      return { ...common, decayDays: random.integer(5, 12), magnitude: -rounded(random.between(0.3, 0.6)) };
    case 'drop_recover':
      return {
        ...common,
        end: onset + random.integer(14, 28) - 1,
        magnitude: -rounded(random.between(0.25, 0.55)),
      };
    case 'step_up':
      return { ...common, magnitude: rounded(random.between(0.2, 0.5)) };
    case 'cpc_step':
      return { ...common, metric: 'cpc', magnitude: rounded(random.between(0.25, 0.7)) };
    case 'cpc_ramp':
      return {
        ...common,
        metric: 'cpc',
        end: onset + random.integer(10, 28),
        magnitude: rounded(random.between(0.3, 0.7)),
      };
  }
}

/** What the event multiplies its metric with on a day; 1 where it does not reach. */
export function eventFactor(event: PlantedEvent, day: number): number {
  const { kind, onset, end, magnitude } = event;
  if (day < onset) return 1;
  switch (kind) {
    case 'drop':
    case 'step_up':
    case 'cpc_step':
      return 1 + magnitude;
    case 'drop_recover':
      return end !== null && day > end ? 1 : 1 + magnitude;
    case 'gradual':
    case 'cpc_ramp':
      return 1 + magnitude * Math.min(1, (day - onset + 1) / ((end ?? onset) - onset + 1));
    case 'wear_out':
      return 1 + magnitude * (1 - integerPower(1 - 1 / event.decayDays, day - onset + 1));
  }
}

function rounded(fraction: number): number {
  return Math.round(fraction * 100) / 100;
}
