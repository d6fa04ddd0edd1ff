import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventSourceCaps } from '../../lambdas/adapters/lambda-event-source-caps.ts';
import { capsOf, multiplierOf, type WorkerCaps } from '../../lambdas/domain/capacity/worker-caps.ts';
import type { WorkersMemory } from '../../lambdas/domain/capacity/workers.ts';
import { controlWorkers, type WorkersContext } from '../../lambdas/pipeline/control-capacity.ts';
import type { CapacityMemory } from '../../lambdas/ports/capacity-memory.ts';
import {
  createMeasuring,
  createMemory,
  createMetrics,
  FLOOD,
  MINUTE,
  PLAN,
  QUIET,
  type SeenLoad,
} from './capacity-doubles.ts';
import { type Fault, Mappings } from './capacity-mappings.ts';

const USUAL = capsOf(PLAN.usual, PLAN);
const IDS = { analysis: 'analysis', signature: 'signature', report: 'report' };
const SUFFERING: SeenLoad = { ...FLOOD, database: { ...FLOOD.database, writerCpu: 99 } };

function isInProportion(caps: WorkerCaps): boolean {
  return Object.entries(capsOf(multiplierOf(caps, PLAN), PLAN)).every(([name, cap]) => caps[name] === cap);
}

/** A record of which writing fails now and then, before it is done or after. */
function faulty<T>(memory: CapacityMemory<T>, faults: (Fault | null)[]): CapacityMemory<T> {
  return {
    read: () => memory.read(),
    async write(...args) {
      const fault = faults.shift() ?? null;
      if (fault === 'refused') throw new Error('refused');
      const written = await memory.write(...args);
      if (fault !== null) throw new Error(fault);
      return written;
    },
  };
}

/** For a minute as many as there may be were wished for: whoever decides first raises workers if there still is work. */
const WISHED: WorkersMemory = {
  at: -MINUTE,
  wishes: [{ at: -MINUTE, multiplier: PLAN.most }],
  levels: [],
};

const load = fc.constantFrom(FLOOD, FLOOD, QUIET, SUFFERING);
const well = fc.constant(null);
const fault = fc.oneof(
  { weight: 8, arbitrary: well },
  { weight: 4, arbitrary: fc.constantFrom<Fault>('refused', 'lost') },
  { weight: 2, arbitrary: fc.constant<Fault>('killed') },
);
const run = fc.record({
  load,
  // Three calls to look, three to look again, and then up to three to set, and more to put back.
  ofLambda: fc
    .tuple(fc.array(well, { maxLength: 6, size: 'max' }), fc.array(fault, { maxLength: 24, size: 'max' }))
    .map(([first, then]) => [...first, ...then]),
  ofMemory: fc.array(fc.oneof({ weight: 4, arbitrary: well }, fc.constantFrom<Fault>('refused', 'lost')), {
    maxLength: 2,
  }),
});

describe('through faults of any call, caps', () => {
  /** @param begun caps that there are at first */
  function system(slowness: number, begun: WorkerCaps) {
    let seen = QUIET;
    let now = 0;
    const mappings = new Mappings(begun, slowness);
    const { memory } = createMemory<WorkersMemory>(WISHED);
    const { measuring } = createMeasuring(() => seen);
    const { metrics } = createMetrics();
    const clock = { now: () => now };
    /** A run, a minute after the one before. @returns what it failed with, or null */
    async function control(each: {
      load: SeenLoad;
      ofLambda?: (Fault | null)[];
      ofMemory?: (Fault | null)[];
    }): Promise<unknown> {
      seen = each.load;
      now += MINUTE;
      const { client, killed } = mappings.begin(each.ofLambda ?? []);
      const context: WorkersContext = {
        ...{ plan: PLAN, measuring, metrics, clock },
        workers: createEventSourceCaps(client, IDS, { times: 3, apart: 0 }),
        memory: faulty(memory, [...(each.ofMemory ?? [])]),
      };
      const working = controlWorkers(context, now).then(() => null);
      return Promise.race([working, killed]).catch((error: unknown) => error);
    }
    return { mappings, control };
  }

  it('are all of one multiplier again after one run without', async () => {
    let [mixed, raised] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        fc.array(run, { minLength: 1, maxLength: 5 }),
        fc.nat(3),
        load,
        async (runs, slowness, last) => {
          const { mappings, control } = system(slowness, USUAL);
          for (const each of runs) await control(each);
          if (!isInProportion(mappings.caps)) mixed += 1;
          else if (multiplierOf(mappings.caps, PLAN) > PLAN.usual) raised += 1;
          expect(await control({ load: last })).toBeNull();
          expect(mappings.caps).toSatisfy(isInProportion);
        },
      ),
      { numRuns: 250 },
    );
    expect(mixed).toBeGreaterThan(0);
    expect(raised).toBeGreaterThan(0);
  });

  it('are all new or all old after each run that was not ended, but where it says that they may not be', async () => {
    const told = /out of proportion|killed/;
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 3 }), fc.nat(2), async (runs, slowness) => {
        const { mappings, control } = system(slowness, USUAL);
        for (const each of runs) {
          const before = mappings.caps;
          const failure = await control(each);
          if (!isInProportion(before) || told.test(String(failure))) continue;
          expect(mappings.caps).toSatisfy(isInProportion);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('are put right although one mapping takes no change, and nobody knows the load', async () => {
    const stuck: Fault = 'refused';
    const { mappings, control } = system(0, { analysis: 40, signature: 20, report: 2 });
    // Two look, three look again, of which the first two are to be changed.
    const NOTHING: SeenLoad = {
      queues: {},
      database: { ...QUIET.database, writerCpu: null, capacity: null },
    };
    expect(await control({ load: NOTHING, ofLambda: [stuck] })).not.toBeNull();
    expect(await control({ load: NOTHING })).toBeNull();
    expect(mappings.caps).toEqual(USUAL);
  });
});

describe('runs that overlap', () => {
  it('leave caps of one multiplier, however their calls come to lie', async () => {
    let left = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.record({ at: fc.nat(3 * MINUTE), delay: fc.nat(8) }), { minLength: 2, maxLength: 4 }),
        fc.array(load, { minLength: 1, maxLength: 4 }),
        async (s, starts, loads) => {
          const caps: Record<string, number> = { ...USUAL };
          const { memory } = createMemory<WorkersMemory>(WISHED);
          let looks = 0;
          const look = s.scheduleFunction(async () => ({ ...caps }));
          const setOne = s.scheduleFunction(async (name: string, cap: number) => {
            caps[name] = cap;
          });
          const context: WorkersContext = {
            plan: PLAN,
            workers: {
              read: async () => ({ caps: await look(), isUpdating: false }),
              set: async (wanted) => {
                await Promise.all(Object.entries(wanted).map(([name, cap]) => setOne(name, cap)));
              },
            },
            memory: { read: s.scheduleFunction(memory.read), write: s.scheduleFunction(memory.write) },
            measuring: createMeasuring(() => loads[looks++ % loads.length]!).measuring,
            metrics: createMetrics().metrics,
            clock: { now: () => 0 },
          };
          const decided = starts.map(async ({ at, delay }) => {
            for (let step = 0; step < delay; step++) await s.schedule(Promise.resolve());
            return controlWorkers(context, at);
          });
          await s.waitIdle();
          const decisions = await Promise.all(decided);
          left += decisions.filter((decision) => decision === null).length;
          expect(caps).toSatisfy(isInProportion);
          const set = decisions.filter((decision) => (decision?.caps ?? null) !== null);
          const newest = set.toSorted((a, b) => a!.at - b!.at).at(-1);
          expect(caps).toEqual(newest?.caps ?? USUAL);
        },
      ),
      { numRuns: 2000 },
    );
    expect(left).toBeGreaterThan(0);
  });
});
