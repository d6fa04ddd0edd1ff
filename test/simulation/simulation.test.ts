import { describe, expect, it, vi } from 'vitest';
import type * as ranges from '../../lambdas/domain/csv/ranges.ts';
import { SCENARIOS } from './datasets.ts';
import { type Ending, play } from './story.ts';

vi.mock('../../lambdas/domain/csv/ranges.ts', async (importOriginal) => {
  const { scanOnce } = await import('./scan-once.ts');
  return scanOnce(await importOriginal<typeof ranges>());
});

/** `SIMULATION_FROM=5000 SIMULATION_SEEDS=20000` plays other seeds; `test/simulation/play.ts --seed N` tells of one. */
const FROM = Number(process.env['SIMULATION_FROM'] ?? 0);
const SEEDS = Number(process.env['SIMULATION_SEEDS'] ?? 1000);
const BATCH = 100;

const endings: Ending[] = [];

describe('the pipeline under faults', () => {
  const batches = Array.from({ length: Math.ceil(SEEDS / BATCH) }, (_, i) => FROM + i * BATCH);

  it.each(batches)('ends in the same reports or an explained failure, seeds from %i', async (first) => {
    for (let seed = first; seed < Math.min(first + BATCH, FROM + SEEDS); seed++) {
      endings.push(await play(seed));
    }
  });

  it('met what it is there for', () => {
    const count = (holds: (ending: Ending) => boolean) => endings.filter(holds).length;
    for (const { name, refusal } of SCENARIOS) {
      const goal = refusal === undefined ? 'SUCCEEDED' : 'FAILED';
      const met = count((ending) => ending.scenario === name && ending.state === goal && ending.faults > 0);
      expect(met, `${name} under faults`).toBeGreaterThan(SEEDS / 100);
    }
    expect(count(({ state }) => state === 'CANCELLED')).toBeGreaterThan(SEEDS / 50);
    expect(count(({ code, redriven }) => code === 'internal' && redriven)).toBeGreaterThan(SEEDS / 50);
    expect(count(({ rescans }) => rescans > 0)).toBeGreaterThan(SEEDS / 50);
    expect(count(({ resumed, state }) => resumed > 0 && state === 'SUCCEEDED')).toBeGreaterThan(SEEDS / 100);
    expect(count(({ waited }) => waited > 0)).toBeGreaterThan(SEEDS / 100);
  });

  it('is the same when it is played again', async () => {
    for (const seed of [1, 7, 11]) expect((await play(seed)).trace).toEqual((await play(seed)).trace);
  });
});
