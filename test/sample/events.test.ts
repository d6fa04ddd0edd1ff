import { expect, it } from 'vitest';
import { EVENT_KINDS, eventFactor, type PlantedEvent, plantEvent } from '../../sample/events.ts';
import { Random } from '../../sample/random.ts';

const base = { metric: 'ctr', onset: 30, end: null, magnitude: -0.4, decayDays: 8 } as const;
const factors = (event: PlantedEvent, ...days: number[]) => days.map((day) => eventFactor(event, day));

it('touches nothing before its onset, whatever the kind', () => {
  for (const kind of EVENT_KINDS) expect(factors({ ...base, end: 40, kind }, 0, 29)).toEqual([1, 1]);
});

it('falls and rises at once where it is abrupt', () => {
  expect(factors({ ...base, kind: 'drop' }, 30, 31, 119)).toEqual([0.6, 0.6, 0.6]);
  expect(factors({ ...base, kind: 'step_up', magnitude: 0.25 }, 30, 119)).toEqual([1.25, 1.25]);
  expect(factors({ ...base, kind: 'cpc_step', metric: 'cpc', magnitude: 0.5 }, 30, 119)).toEqual([1.5, 1.5]);
});

it('is back the day after the end of a passing drop', () => {
  expect(factors({ ...base, kind: 'drop_recover', end: 44 }, 30, 44, 45)).toEqual([0.6, 0.6, 1]);
});

it('moves in equal steps and is complete on its last day where it is gradual', () => {
  const event = { ...base, kind: 'gradual', end: 39 } as const;
  for (const [day, factor] of [
    [30, 0.96],
    [34, 0.8],
    [39, 0.6],
    [60, 0.6],
  ] as const) {
    expect(eventFactor(event, day)).toBeCloseTo(factor, 12);
    expect(eventFactor({ ...event, kind: 'cpc_ramp', magnitude: 0.4 }, day)).toBeCloseTo(2 - factor, 12);
  }
});

it('decays towards the lower level and never past it', () => {
  const event = { ...base, kind: 'wear_out' } as const;
  expect(eventFactor(event, 30)).toBeCloseTo(1 - 0.4 / 8, 12);
  expect(eventFactor(event, 37)).toBeCloseTo(1 - 0.4 * (1 - 0.875 ** 8), 12);
  expect(eventFactor(event, 119)).toBeGreaterThanOrEqual(0.6);
  expect(eventFactor(event, 119)).toBeLessThan(0.601);
});

it('leaves room before and after every event it plants', () => {
  const random = Random.seeded(5);
  for (let i = 0; i < 500; i++) {
    for (const kind of EVENT_KINDS) {
      const { onset, end, metric, magnitude } = plantEvent(kind, 10, 80, random);
      expect(onset).toBeGreaterThanOrEqual(31);
      expect(80 - (end ?? onset)).toBeGreaterThanOrEqual(14);
      expect(metric).toBe(kind.startsWith('cpc') ? 'cpc' : 'ctr');
      expect(Math.sign(magnitude)).toBe(kind.startsWith('cpc') || kind === 'step_up' ? 1 : -1);
    }
  }
});
