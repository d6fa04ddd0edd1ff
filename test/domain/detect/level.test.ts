import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MetricSeries } from '../../../lambdas/domain/assess/series.ts';
import type { Detection } from '../../../lambdas/domain/detect/detector.ts';
import { level } from '../../../lambdas/domain/detect/level.ts';
import { resolveParameters } from '../../../lambdas/domain/parameters.ts';
import { referenceLevel } from './level-reference.ts';
import { noisyCounts, seriesOf } from './level-series.ts';

const NO_DISTANCES = new Float64Array(0);

function detect(series: MetricSeries, levelThreshold = 3): Detection {
  return level.detect(series, NO_DISTANCES, resolveParameters({ levelThreshold }));
}

/** `rates` of 10,000 impressions a day with a small fixed ripple. */
function steadyClicks(rates: readonly number[]): MetricSeries {
  const ripple = [0, 3, -2, 1, -3, 2, -1];
  return seriesOf(
    rates.map((rate, i) => Math.round(10_000 * rate * (1 + (ripple[i % 7] ?? 0) / 100))),
    rates.map(() => 10_000),
  );
}

const levels = (...runs: readonly (readonly [days: number, rate: number])[]): number[] =>
  runs.flatMap(([days, rate]) => Array.from({ length: days }, () => rate));

const thresholds = fc.constantFrom(0.5, 1, 2, 3);

describe('level detector', () => {
  test('is the level detector, version 1, and cuts at the onset', () => {
    expect(level.name).toBe('level');
    expect(level.version).toBe(1);
    expect(level.cut({ index: 30, onsetIndex: 26, direction: 'worse', score: 4 })).toBe(26);
  });

  test('equals the written-out reference', () => {
    let alarms = 0;
    fc.assert(
      fc.property(noisyCounts, thresholds, ({ clicks, exposure }, h) => {
        const { changePoints, statistic } = detect(seriesOf(clicks, exposure), h);
        const reference = referenceLevel(clicks, exposure, h);
        expect(statistic.values.length).toBe(reference.values.length);
        for (const [i, value] of reference.values.entries()) {
          expect(Math.abs(statistic.values[i]! - value)).toBeLessThanOrEqual(1e-9 * value + 1e-6);
        }
        // A score on the threshold, to rounding, may alarm in one and not in the other.
        fc.pre(reference.values.every((value) => Math.abs(value - h) > 1e-6));
        expect(changePoints.map(({ score: _, ...rest }) => rest)).toEqual(
          reference.changePoints.map(({ score: _, ...rest }) => rest),
        );
        alarms += changePoints.length;
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(alarms).toBeGreaterThan(200);
  });

  test('is causal: cutting a series changes nothing before the cut', () => {
    fc.assert(
      fc.property(noisyCounts, thresholds, fc.nat(110), ({ clicks, exposure }, h, at) => {
        const whole = detect(seriesOf(clicks, exposure), h);
        const cut = Math.min(at, clicks.length);
        const part = detect(seriesOf(clicks.slice(0, cut), exposure.slice(0, cut)), h);
        expect(part.changePoints).toEqual(whole.changePoints.filter(({ index }) => index < cut));
        expect([...part.statistic.values]).toEqual([
          ...whole.statistic.values.subarray(0, Math.max(0, cut - whole.statistic.start)),
        ]);
      }),
      { numRuns: 500 },
    );
  });

  test('does not depend on the unit of spend', () => {
    fc.assert(
      fc.property(noisyCounts, fc.integer({ min: -20, max: 20 }), ({ clicks, exposure }, power) => {
        const inUnits = exposure.map((spend) => spend * 2 ** power);
        expect(detect(seriesOf(clicks, inUnits, 'cpc'), 1)).toEqual(
          detect(seriesOf(clicks, exposure, 'cpc'), 1),
        );
      }),
    );
    fc.assert(
      fc.property(
        noisyCounts,
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        ({ clicks, exposure }, factor) => {
          const scaled = detect(
            seriesOf(
              clicks,
              exposure.map((spend) => spend * factor),
              'cpc',
            ),
          );
          const { statistic, changePoints } = detect(seriesOf(clicks, exposure, 'cpc'));
          fc.pre([...statistic.values].every((value) => Math.abs(value - statistic.limit) > 1e-6));
          expect(scaled.changePoints.map(({ index, direction }) => ({ index, direction }))).toEqual(
            changePoints.map(({ index, direction }) => ({ index, direction })),
          );
          for (const [i, value] of statistic.values.entries()) {
            expect(Math.abs(scaled.statistic.values[i]! - value)).toBeLessThanOrEqual(1e-9 * value + 1e-6);
          }
        },
      ),
    );
  });

  test('never alarms on constant clicks per exposure, whatever the volumes', () => {
    const volume = fc.oneof(fc.nat(5), fc.nat(100_000), fc.integer({ min: 0, max: 2 ** 40 }));
    fc.assert(
      fc.property(
        fc.array(volume, { minLength: 17, maxLength: 120 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 4000 }),
        (k, j, m) => {
          const clicks = k.map((count) => count * j);
          const exposure = k.map((count) => count * (j + m));
          const { changePoints, statistic } = detect(seriesOf(clicks, exposure), 1e-6);
          expect(changePoints).toEqual([]);
          expect(Math.max(...statistic.values)).toBeLessThan(1e-6);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is finite for any counts', () => {
    const count = fc.constantFrom(0, 1, 2, 1000, 1e9, 2 ** 53 - 1);
    fc.assert(
      fc.property(fc.array(fc.tuple(count, count), { maxLength: 80 }), (days) => {
        const series = seriesOf(
          days.map(([c]) => c),
          days.map(([, n]) => n),
        );
        const { changePoints, statistic } = detect(series, 2);
        for (const value of statistic.values) expect(Number.isFinite(value)).toBe(true);
        for (const { index, onsetIndex, score } of changePoints) {
          expect(Number.isFinite(score)).toBe(true);
          expect(onsetIndex).toBeGreaterThan(0);
          expect(onsetIndex).toBeLessThanOrEqual(index);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('gives one value for each observation from 16 on, and none for a shorter series', () => {
    const { statistic } = detect(steadyClicks(levels([40, 0.02])));
    expect(statistic).toMatchObject({ name: 'level', limit: 3, start: 16 });
    expect(statistic.values.length).toBe(24);
    expect(Math.max(...statistic.values)).toBeGreaterThan(0);
    for (const days of [0, 1, 16]) {
      expect(detect(steadyClicks(levels([days, 0.02])))).toEqual({
        changePoints: [],
        statistic: { name: 'level', limit: 3, start: 16, values: new Float64Array(0) },
      });
    }
  });

  test('finds a step down as worse, a step up as better, at the day it began', () => {
    const [down, ...rest] = detect(steadyClicks(levels([40, 0.02], [30, 0.012]))).changePoints;
    expect(rest).toEqual([]);
    expect(down).toMatchObject({ onsetIndex: 40, direction: 'worse' });
    expect(down?.index).toBeGreaterThanOrEqual(40);
    expect(down?.index).toBeLessThan(44);
    const up = detect(steadyClicks(levels([40, 0.012], [30, 0.02]))).changePoints;
    expect(up).toMatchObject([{ onsetIndex: 40, direction: 'better' }]);
  });

  test('calls a rise of cost per click worse', () => {
    const clicks = levels([40, 200], [30, 200]);
    const spend = levels([40, 90e6], [30, 140e6]);
    expect(detect(seriesOf(clicks, spend, 'cpc')).changePoints).toMatchObject([
      { onsetIndex: 40, direction: 'worse' },
    ]);
  });

  test('dates a gradual decline to its beginning, not to its middle', () => {
    const ramp = Array.from({ length: 30 }, (_, i) => 0.02 * (1 - (0.5 * (i + 1)) / 30));
    const [change] = detect(steadyClicks([...levels([40, 0.02]), ...ramp])).changePoints;
    expect(change?.direction).toBe('worse');
    expect(Math.abs((change?.onsetIndex ?? 0) - 40)).toBeLessThanOrEqual(2);
    expect((change?.index ?? 0) - 40).toBeGreaterThanOrEqual(5);
  });

  test('restarts after an alarm and finds the recovery too', () => {
    const { changePoints, statistic } = detect(steadyClicks(levels([40, 0.02], [30, 0.012], [30, 0.02])));
    expect(changePoints).toMatchObject([
      { onsetIndex: 40, direction: 'worse' },
      { onsetIndex: 70, direction: 'better' },
    ]);
    const [fall] = changePoints;
    const after = (fall?.index ?? 0) + 1 - statistic.start;
    // The restarted regime begins at observation 40 and has no window before its 17th observation.
    expect(
      [...statistic.values.subarray(after, 40 + 16 - statistic.start)].every((value) => value === 0),
    ).toBe(true);
    expect(statistic.values[40 + 16 - statistic.start]).toBeGreaterThan(0);
    expect(statistic.values[after - 1]).toBe(fall?.score);
  });

  test('learns nothing from days of clicks without spend', () => {
    const spend = levels([60, 90e6]);
    for (const day of [5, 30, 31, 50]) spend[day] = 0;
    const detected = (free: number) =>
      detect(
        seriesOf(
          spend.map((paid, i) => (paid === 0 ? free : 200 + (i % 7))),
          spend,
          'cpc',
        ),
      );
    expect(detected(1).changePoints).toEqual([]);
    expect(Math.max(...detected(1).statistic.values)).toBeGreaterThan(0);
    expect(detected(1_000_000)).toEqual(detected(1));
    const { statistic } = detect(seriesOf(levels([50, 200]), levels([50, 0]), 'cpc'));
    expect(Math.max(...statistic.values)).toBe(0);
  });
});
