import { describe, expect, test } from 'vitest';
import { runMethod } from '../../../bench/detection/calibrate.ts';
import { drawAll, PUBLIC } from '../../../bench/detection/generate.ts';
import { LEVEL } from '../../../bench/detection/methods.ts';
import { logFactorial, Random } from '../../../bench/detection/random.ts';
import { CTR_SCENARIOS, NO_EVENT_SCENARIOS } from '../../../bench/detection/scenarios.ts';
import { scoreSeries, summarise } from '../../../bench/detection/score.ts';

describe('detection benchmark in small', () => {
  const all = drawAll(PUBLIC, 'ctr', [...NO_EVENT_SCENARIOS, ...CTR_SCENARIOS], 1800, 77);

  // Expected values from 36,000 series; bounds four standard deviations of 900 series and 720 worse events away.
  test.each([
    { threshold: 2.82, falseAlarms: 0.0496, recall: 0.888, f1: 0.842 },
    { threshold: 3, falseAlarms: 0.0275, recall: 0.868, f1: 0.854 },
  ])('level at $threshold detects as well as it is documented to', ({ threshold, ...expected }) => {
    const found = summarise(runMethod(LEVEL, threshold, all));
    const deviations = (share: number, trials: number) => 4 * Math.sqrt((share * (1 - share)) / trials);
    expect(Math.abs(found.falseAlarms - expected.falseAlarms)).toBeLessThan(
      deviations(expected.falseAlarms, 900),
    );
    expect(Math.abs(found.recall - expected.recall)).toBeLessThan(deviations(expected.recall, 720));
    expect(Math.abs(found.f1 - expected.f1)).toBeLessThan(0.04);
    expect(found.delay).toBeLessThanOrEqual(6);
    expect(found.onsetErrorAbrupt).toBeLessThanOrEqual(1);
    expect(found.onsetErrorGradual).toBeLessThanOrEqual(6);
    expect(found.direction).toBeGreaterThan(0.985);
  });

  test('draws the same series whatever their number', () => {
    const few = drawAll(PUBLIC, 'ctr', [...NO_EVENT_SCENARIOS, ...CTR_SCENARIOS], 30, 77);
    expect(few).toHaveLength(30);
    expect(few.map(({ series, events }) => ({ series, events }))).toEqual(
      all.slice(0, 30).map(({ series, events }) => ({ series, events })),
    );
  });
});

describe('scoring', () => {
  const [drawn] = drawAll(PUBLIC, 'ctr', ['drop'], 1, 1);
  const length = 80;
  const labelled = {
    ...drawn!,
    series: { ...drawn!.series, days: Int32Array.from({ length }, (_, i) => (i < 30 ? i : i + 2)) },
    events: [{ direction: 'worse' as const, from: 30, length: 0 }],
  };
  const alarm = (index: number, onsetIndex: number, direction: 'worse' | 'better') => ({
    index,
    onsetIndex,
    direction,
  });

  test('finds an event by the first alarm of its direction in its window, in days from the first observed day', () => {
    // The event begins on day 30, which has no row: the onset is day 32, observation 30.
    const { events, falsePositives } = scoreSeries(labelled, [
      alarm(33, 29, 'worse'),
      alarm(36, 35, 'worse'),
    ]);
    expect(events).toEqual([
      { direction: 'worse', gradual: false, found: { delay: 3, onsetError: 3 }, firstAlarm: 'worse' },
    ]);
    expect(falsePositives).toBe(0);
  });

  test('counts alarms before, after and of the other direction as false', () => {
    const { events, falsePositives } = scoreSeries(labelled, [
      alarm(29, 29, 'worse'),
      alarm(31, 30, 'better'),
      alarm(43, 40, 'worse'),
    ]);
    expect(events[0]).toMatchObject({ found: null, firstAlarm: 'better' });
    expect(falsePositives).toBe(3);
    expect(scoreSeries(labelled, [alarm(42, 40, 'worse')]).events[0]?.found?.delay).toBe(12);
  });
});

describe('samplers', () => {
  const draws = 200_000;
  const moments = (draw: (random: Random) => number) => {
    const random = new Random(9, 4);
    const values = Array.from({ length: draws }, () => draw(random));
    const mean = values.reduce((sum, value) => sum + value, 0) / draws;
    return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws, values };
  };

  test.each([
    { n: 12, p: 0.3 },
    { n: 60, p: 0.4 },
    { n: 60, p: 0.8 },
    { n: 4000, p: 0.004 },
  ])('binomial($n, $p) has its probabilities', ({ n, p }) => {
    const { values } = moments((random) => random.binomial(n, p));
    let chiSquared = 0;
    let classes = 0;
    for (let k = 0; k <= n; k++) {
      const log =
        logFactorial(n) - logFactorial(k) - logFactorial(n - k) + k * Math.log(p) + (n - k) * Math.log1p(-p);
      const expected = draws * Math.exp(log);
      if (expected < 20) continue;
      chiSquared += (values.filter((value) => value === k).length - expected) ** 2 / expected;
      classes++;
    }
    expect(chiSquared).toBeLessThan(classes + 5 * Math.sqrt(2 * classes));
  });

  test.each([
    ['large binomial', (random: Random) => random.binomial(2_000_000, 0.01), 20_000, 19_800],
    ['normal', (random: Random) => random.normal(), 0, 1],
    ['gamma', (random: Random) => random.gamma(3.5), 3.5, 3.5],
    ['beta', (random: Random) => random.beta(0.02, 0.002), 0.02, 0.002 ** 2],
    ['poisson', (random: Random) => random.poisson(2.5), 2.5, 2.5],
    ['uniform integer', (random: Random) => random.integer(3, 7), 5, 2],
  ])('%s has its mean and variance', (_, draw, mean, variance) => {
    const found = moments(draw);
    expect(Math.abs(found.mean - mean)).toBeLessThan(4 * Math.sqrt(variance / draws));
    expect(Math.abs(found.variance / variance - 1)).toBeLessThan(0.05);
  });

  test('ln k! is exact to 1e-11', () => {
    let exact = 0;
    for (let k = 1; k <= 200; k++) {
      exact += Math.log(k);
      expect(Math.abs(logFactorial(k) - exact)).toBeLessThan(1e-10);
    }
  });
});
