import type { Direction } from '../../lambdas/domain/detect/detector.ts';
import type { Random } from './random.ts';

export const NO_EVENT_SCENARIOS = ['flat', 'weekly', 'volume_drift', 'budget_shock', 'slow_drift'] as const;
export const CTR_SCENARIOS = ['drop', 'gradual', 'wear_out', 'drop_recover', 'step_up'] as const;
export const CPC_SCENARIOS = ['cpc_step', 'cpc_ramp'] as const;

export type Scenario =
  | (typeof NO_EVENT_SCENARIOS)[number]
  | (typeof CTR_SCENARIOS)[number]
  | (typeof CPC_SCENARIOS)[number];

/** A true change: it begins on day `from` and is complete `length` days later (0: at once). */
export interface TrueEvent {
  readonly direction: Direction;
  readonly from: number;
  readonly length: number;
}

/** What a scenario does to a creative: factors by day on impressions, true CTR and cost, and the truth about them. */
export interface Plan {
  readonly volume: (day: number) => number;
  readonly rate: (day: number) => number;
  readonly cost: (day: number) => number;
  readonly events: readonly TrueEvent[];
}

const NOTHING: Plan = { volume: () => 1, rate: () => 1, cost: () => 1, events: [] };
const DAYS_BEFORE = 21;
const DAYS_AFTER = 14;
/** Longest course of an event that still leaves the days before and after it. */
const longest = (days: number): number => days - DAYS_BEFORE - DAYS_AFTER;

/** One scenario over `days` days. */
export function drawPlan(random: Random, scenario: Scenario, days: number): Plan {
  return PLANS[scenario](random, days);
}

const PLANS: Readonly<Record<Scenario, (random: Random, days: number) => Plan>> = {
  flat: () => NOTHING,
  weekly: () => NOTHING,
  volume_drift(random, days) {
    const end = Math.log(random.logUniform(0.2, 5));
    return { ...NOTHING, volume: (day) => Math.exp((end * day) / (days - 1)) };
  },
  budget_shock(random, days) {
    const factor = random.logUniform(0.2, 5);
    const from = random.integer(DAYS_BEFORE, days - DAYS_AFTER - 1);
    return { ...NOTHING, volume: (day) => (day < from ? 1 : factor) };
  },
  slow_drift(random) {
    const swing = random.uniform(0.02, 0.06);
    const period = random.uniform(60, 180);
    const phase = random.unit();
    return { ...NOTHING, rate: (day) => Math.exp(swing * Math.sin(2 * Math.PI * (day / period + phase))) };
  },
  drop(random, days) {
    const depth = random.uniform(0.1, 0.6);
    return { ...NOTHING, ...step(random, days, 1 - depth, 'worse') };
  },
  gradual(random, days) {
    const depth = random.uniform(0.25, 0.6);
    const length = Math.min(random.integer(7, 60), longest(days));
    const from = random.integer(DAYS_BEFORE, days - DAYS_AFTER - length);
    const rate = (day: number) => 1 - depth * ramp(day, from, length);
    return { ...NOTHING, rate, events: [{ direction: 'worse', from, length }] };
  },
  wear_out(random, days) {
    const depth = random.uniform(0.25, 0.6);
    const decay = random.uniform(4, 20);
    const length = Math.min(Math.round(2 * decay), longest(days));
    const from = random.integer(DAYS_BEFORE, days - DAYS_AFTER - length);
    const rate = (day: number) => (day < from ? 1 : 1 - depth * -Math.expm1(-(day - from + 1) / decay));
    return { ...NOTHING, rate, events: [{ direction: 'worse', from, length }] };
  },
  drop_recover(random, days) {
    const depth = random.uniform(0.2, 0.6);
    const stay = Math.min(random.integer(14, 28), longest(days));
    const from = random.integer(DAYS_BEFORE, days - DAYS_AFTER - stay);
    return {
      ...NOTHING,
      rate: (day) => (day >= from && day < from + stay ? 1 - depth : 1),
      events: [
        { direction: 'worse', from, length: 0 },
        { direction: 'better', from: from + stay, length: 0 },
      ],
    };
  },
  step_up(random, days) {
    const height = random.uniform(0.15, 0.6);
    return { ...NOTHING, ...step(random, days, 1 + height, 'better') };
  },
  cpc_step(random, days) {
    const height = random.uniform(0.2, 0.8);
    const { rate: cost, events } = step(random, days, 1 + height, 'worse');
    return { ...NOTHING, cost, events };
  },
  cpc_ramp(random, days) {
    const height = random.uniform(0.3, 0.8);
    const length = Math.min(random.integer(7, 60), longest(days));
    const from = random.integer(DAYS_BEFORE, days - DAYS_AFTER - length);
    const cost = (day: number) => 1 + height * ramp(day, from, length);
    return { ...NOTHING, cost, events: [{ direction: 'worse', from, length }] };
  },
};

function step(
  random: Random,
  days: number,
  factor: number,
  direction: Direction,
): Pick<Plan, 'rate' | 'events'> {
  const from = random.integer(DAYS_BEFORE, days - DAYS_AFTER - 1);
  return { rate: (day) => (day < from ? 1 : factor), events: [{ direction, from, length: 0 }] };
}

/** 0 before `from`, then linearly to 1 in `length` days. */
function ramp(day: number, from: number, length: number): number {
  return Math.min(1, Math.max(0, day - from + 1) / length);
}
