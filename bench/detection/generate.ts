import { type Metric, type MetricSeries, metricSeries } from '../../lambdas/domain/assess/series.ts';
import type { ItemDays } from '../../lambdas/domain/totals/item-days.ts';
import { Random } from './random.ts';
import { drawPlan, type Plan, type Scenario, type TrueEvent } from './scenarios.ts';

type Range = readonly [low: number, high: number];

/** How noisy the world is. */
export interface World {
  /** σ of the logarithm of daily impressions. */
  readonly volumeNoise: Range;
  /** Amplitude of the weekly cosine of ln CTR, and in the scenario `weekly`. */
  readonly weekly: Range;
  readonly strongWeekly: Range;
  /** Standard deviation of the AR(1) mood of ln CTR. */
  readonly mood: Range;
  /** κ: relative standard deviation of a day's rate around its mean. */
  readonly dispersion: Range;
  /** Share of series without missing days, and the probability of a missing day in the others. */
  readonly complete: number;
  readonly missing: Range;
}

/** The world to tune on. */
export const PUBLIC: World = {
  volumeNoise: [0.1, 0.35],
  weekly: [0, 0.06],
  strongWeekly: [0.08, 0.15],
  mood: [0, 0.04],
  dispersion: [0.02, 0.12],
  complete: 0.5,
  missing: [0, 0.05],
};

/** A noisier world, never tuned on: it tests whether a threshold travels. */
export const STRESS: World = {
  volumeNoise: [0.3, 0.6],
  weekly: [0.03, 0.1],
  strongWeekly: [0.12, 0.25],
  mood: [0.02, 0.06],
  dispersion: [0.06, 0.16],
  complete: 0.2,
  missing: [0.02, 0.1],
};

/** Median impressions a day. */
const VOLUMES: Readonly<Record<Volume, Range>> = {
  small: [200, 2000],
  medium: [2000, 20_000],
  large: [20_000, 200_000],
};
export const VOLUME_CLASSES = ['small', 'medium', 'large'] as const;
export type Volume = (typeof VOLUME_CLASSES)[number];

/** A synthetic series of the analysis with its truth; days count from the first day of the creative. */
export interface LabelledSeries {
  readonly scenario: Scenario;
  readonly volume: Volume;
  readonly series: MetricSeries;
  readonly events: readonly TrueEvent[];
}

/** Equally many series of every scenario and volume class, at least `count` together. The same for the same seed. */
export function drawAll(
  world: World,
  metric: Metric,
  scenarios: readonly Scenario[],
  count: number,
  seed: number,
): LabelledSeries[] {
  const cells = scenarios.flatMap((scenario) => VOLUME_CLASSES.map((volume) => ({ scenario, volume })));
  const rounds = Math.ceil(count / cells.length);
  return Array.from({ length: rounds }, (_, round) =>
    cells.map(({ scenario, volume }, cell) =>
      drawSeries(new Random(seed, round * cells.length + cell), world, metric, scenario, volume),
    ),
  ).flat();
}

/** One series; redrawn until the analysis would not exclude it (30 days, gaps of at most 7, half of the days). */
export function drawSeries(
  random: Random,
  world: World,
  metric: Metric,
  scenario: Scenario,
  volume: Volume,
): LabelledSeries {
  for (;;) {
    const days = random.integer(45, 180);
    const plan = drawPlan(random, scenario, days);
    const series = metricSeries(drawItem(random, world, scenario, volume, days, plan), metric);
    if (series !== null && isAnalysed(series.days)) return { scenario, volume, series, events: plan.events };
  }
}

function isAnalysed(days: Int32Array): boolean {
  const first = days[0] ?? 0;
  let last = first;
  let gap = 0;
  for (const day of days) {
    gap = Math.max(gap, day - last);
    last = day;
  }
  return days.length >= 30 && gap <= 7 && days.length / (last - first + 1) >= 0.5;
}

function drawItem(
  random: Random,
  world: World,
  scenario: Scenario,
  volume: Volume,
  length: number,
  plan: Plan,
): ItemDays {
  const impressions = drawImpressions(random, world, volume, length, plan);
  const rates = drawRates(random, world, scenario, length, plan);
  const dispersion = random.uniform(...world.dispersion);
  const costPerMille = random.logUniform(2, 15);
  const costNoise = random.uniform(0.03, 0.12);
  const present = drawPresence(random, world, length);
  const kept = present.flatMap((here, day) => (here ? [day] : []));
  const columns = {
    id: scenario,
    days: new Int32Array(kept),
    impressions: new Float64Array(kept.length),
    clicks: new Float64Array(kept.length),
    spendMicros: new Float64Array(kept.length),
  };
  for (const [i, day] of kept.entries()) {
    const shown = impressions[day] ?? 1;
    const rate = rates[day] ?? 0;
    const noise = Math.exp(costNoise * random.normal() - costNoise ** 2 / 2);
    columns.impressions[i] = shown;
    columns.clicks[i] = random.binomial(shown, random.beta(rate, dispersion * rate));
    columns.spendMicros[i] = Math.round(((shown * costPerMille) / 1000) * plan.cost(day) * noise * 100) * 1e4;
  }
  return columns;
}

function drawImpressions(
  random: Random,
  world: World,
  volume: Volume,
  length: number,
  plan: Plan,
): Float64Array {
  const level = Math.log(random.logUniform(...VOLUMES[volume]));
  const noise = random.uniform(...world.volumeNoise);
  const weekly = drawWeekly(random, random.uniform(0, 0.3));
  const rampDays = random.chance(0.4) ? random.integer(3, 10) : 0;
  const steps = Array.from({ length: random.poisson(length / 60) }, () => ({
    from: random.integer(1, length - 1),
    height: Math.log(random.logUniform(0.6, 1.7)),
  }));
  return Float64Array.from({ length }, (_, day) => {
    let log = level + noise * random.normal() - noise ** 2 / 2 + weekly(day) + Math.log(plan.volume(day));
    if (day < rampDays) log += Math.log(Math.min(1, 0.2 + (0.8 * day) / rampDays));
    for (const step of steps) if (day >= step.from) log += step.height;
    return Math.max(1, Math.round(Math.exp(log)));
  });
}

function drawRates(
  random: Random,
  world: World,
  scenario: Scenario,
  length: number,
  plan: Plan,
): Float64Array {
  const level = Math.log(random.logUniform(0.003, 0.05));
  const range = scenario === 'weekly' ? world.strongWeekly : world.weekly;
  const weekly = drawWeekly(random, scenario === 'flat' ? 0 : random.uniform(...range));
  const moodSpread = random.uniform(...world.mood);
  const persistence = random.uniform(0.3, 0.8);
  const innovation = moodSpread * Math.sqrt(1 - persistence ** 2);
  let mood = moodSpread * random.normal();
  return Float64Array.from({ length }, (_, day) => {
    if (day > 0) mood = persistence * mood + innovation * random.normal();
    return Math.min(0.5, Math.exp(level + weekly(day) + mood) * plan.rate(day));
  });
}

function drawWeekly(random: Random, amplitude: number): (day: number) => number {
  const phase = random.uniform(0, 7);
  return (day) => amplitude * Math.cos((2 * Math.PI * (day - phase)) / 7);
}

/** Which days have a row: single missing days, at most one pause, the first and the last day always. */
function drawPresence(random: Random, world: World, length: number): boolean[] {
  const missing = random.chance(world.complete) ? 0 : random.uniform(...world.missing);
  const pause = random.chance(0.3) ? random.integer(2, 5) : 0;
  const pauseFrom = pause > 0 ? random.integer(5, length - 6 - pause) : 0;
  return Array.from({ length }, (_, day) => {
    const absent = random.chance(missing) || (day >= pauseFrom && day < pauseFrom + pause);
    return day === 0 || day === length - 1 || !absent;
  });
}
