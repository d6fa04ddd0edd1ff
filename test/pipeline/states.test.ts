import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobIdSchema, watchOf } from '../../lambdas/contracts/job.ts';
import { jobIdOf } from '../../lambdas/domain/job/job-id.ts';
import { percentOf } from '../../lambdas/domain/job/progress.ts';
import { latestOutcomes, roundTasks } from '../../lambdas/domain/job/scan-rounds.ts';
import {
  assertCanMove,
  canMove,
  isFinal,
  JOB_STATE_RULES,
  JOB_STATES,
  type JobState,
} from '../../lambdas/domain/job/states.ts';
import { takeTokens } from '../../lambdas/domain/job/token-bucket.ts';

describe('job states', () => {
  it('stand in the documentation as they are in the code', () => {
    const page = readFileSync(new URL('../../docs/pipeline.md', import.meta.url), 'utf8');
    const rows = page.matchAll(/^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$/gm);
    const documented = Array.from(rows, ([, state, meaning, next]) => ({
      state,
      meaning,
      next: Array.from((next ?? '').matchAll(/`([A-Z_]+)`/g), ([, name]) => name),
    }));
    expect(documented).toEqual(JOB_STATES.map((state) => ({ state, ...JOB_STATE_RULES[state] })));
  });

  it('all come about, and all lead to an end', () => {
    const reached = new Set<JobState>(['AWAITING_UPLOAD']);
    for (const state of reached) for (const next of JOB_STATE_RULES[state].next) reached.add(next);
    expect(reached).toEqual(new Set(JOB_STATES));
    for (const state of JOB_STATES) {
      expect(isFinal(state)).toBe(JOB_STATE_RULES[state].next.length === 0 || state === 'FAILED');
    }
  });

  it('can be cancelled and failed from wherever work goes on', () => {
    for (const state of JOB_STATES) {
      if (isFinal(state) || state === 'CANCELLING') continue;
      expect(canMove(state, 'CANCELLING')).toBe(true);
      expect(canMove(state, 'FAILED')).toBe(true);
    }
    expect(() => assertCanMove('SUCCEEDED', 'FAILED')).toThrow(RangeError);
    expect(() => assertCanMove('CANCELLED', 'PENDING')).toThrow(RangeError);
  });

  it('are watched by the sweeper as long as something of them is open', () => {
    const error = { code: 'internal', message: '', remedy: null, resumable: true, announced: false } as const;
    const watches = JOB_STATES.map((state) => [state, watchOf({ state, error: null })]);
    expect(Object.fromEntries(watches)).toEqual({
      AWAITING_UPLOAD: 'upload',
      PENDING: 'work',
      PLANNING: 'work',
      PROCESSING: 'work',
      REPORTING: 'work',
      SUCCEEDED: null,
      FAILED: null,
      CANCELLING: 'work',
      CANCELLED: null,
      EXPIRED: null,
    });
    expect(watchOf({ state: 'SUCCEEDED', error: null, stored: false })).toBe('result');
    expect(watchOf({ state: 'SUCCEEDED', error: null, stored: true })).toBeNull();
    expect(watchOf({ state: 'SUCCEEDED', error: null, stored: true, joined: false })).toBe('history');
    expect(watchOf({ state: 'SUCCEEDED', error: null, stored: true, joined: true })).toBeNull();
    expect(watchOf({ state: 'FAILED', error })).toBe('alert');
    // Webhooks are told also while the database or the topic is down.
    expect(watchOf({ state: 'SUCCEEDED', error: null, stored: false, announced: false })).toBe('event');
    expect(watchOf({ state: 'FAILED', error, announced: false })).toBe('event');
    expect(watchOf({ state: 'CANCELLED', error: null, announced: false })).toBe('event');
    expect(watchOf({ state: 'CANCELLED', error: null, announced: true })).toBeNull();
    expect(watchOf({ state: 'PENDING', error: null, announced: false })).toBe('work');
    expect(watchOf({ state: 'FAILED', error: { ...error, announced: true } })).toBeNull();
  });
});

describe('job ids', () => {
  it('are ULIDs that sort by time and depend on nothing but time and seed', () => {
    expect(jobIdOf(0, 'seed')).toMatch(/^job_0000000000/);
    expect(jobIdOf(2 ** 48 - 1, 'seed')).toMatch(/^job_7ZZZZZZZZZ/);
    expect(jobIdOf(1_700_000_000_000, 'a')).toBe(jobIdOf(1_700_000_000_000, 'a'));
    expect(jobIdOf(1_700_000_000_000, 'a')).not.toBe(jobIdOf(1_700_000_000_000, 'b'));
    const time = fc.integer({ min: 0, max: 2 ** 48 - 2 });
    fc.assert(
      fc.property(time, fc.string(), fc.string(), (at, a, b) => {
        expect(jobIdSchema.safeParse(jobIdOf(at, a)).success).toBe(true);
        expect(jobIdOf(at, a) < jobIdOf(at + 1, b)).toBe(true);
      }),
    );
  });
});

describe('the percentage', () => {
  it('weighs plan 5, scan 60, analysis 30, report 5', () => {
    const done = { planned: true, chunksDone: 0, chunks: 10, shardsDone: 0, shards: 4 };
    expect(percentOf('PENDING', { ...done, planned: false, chunks: null, shards: null })).toBe(0);
    expect(percentOf('PROCESSING', done)).toBe(5);
    expect(percentOf('PROCESSING', { ...done, chunksDone: 5 })).toBe(35);
    expect(percentOf('PROCESSING', { ...done, chunksDone: 10 })).toBe(65);
    expect(percentOf('FAILED', { ...done, chunksDone: 10, shardsDone: 2 })).toBe(80);
    expect(percentOf('REPORTING', { ...done, chunksDone: 10, shardsDone: 4 })).toBe(95);
    expect(percentOf('SUCCEEDED', done)).toBe(100);
  });
});

describe('the token bucket', () => {
  const rate = { capacity: 10, refillPerMinute: 10 };

  it('gives ten at once, then one every six seconds', () => {
    let level = null;
    for (let i = 0; i < 10; i++) {
      const taken = takeTokens(level, rate, 1000);
      const left = { remaining: 9 - i, fullAfterSeconds: 6 * (i + 1) };
      expect(taken.result).toEqual({ taken: true, ...left });
      level = taken.level;
    }
    const empty = { taken: false, remaining: 0 };
    expect(takeTokens(level, rate, 1000).result).toEqual({
      ...empty,
      retryAfterSeconds: 6,
      fullAfterSeconds: 60,
    });
    expect(takeTokens(level, rate, 4500).result).toEqual({
      ...empty,
      retryAfterSeconds: 3,
      fullAfterSeconds: 57,
    });
    expect(takeTokens(level, rate, 7000).result).toEqual({ taken: true, remaining: 0, fullAfterSeconds: 60 });
  });

  it('never gives more than its capacity and refill allow, and always keeps its promise', () => {
    const waits = fc.array(fc.integer({ min: -5_000, max: 30_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(waits, (steps) => {
        let level = null;
        let [now, taken, latest] = [0, 0, 0];
        for (const wait of steps) {
          now = Math.max(0, now + wait);
          latest = Math.max(latest, now);
          const answer = takeTokens(level, rate, now);
          level = answer.level;
          if (answer.result.taken) taken++;
          else {
            const later = now + answer.result.retryAfterSeconds * 1000;
            expect(takeTokens(level, rate, later).result.taken).toBe(true);
          }
        }
        expect(taken).toBeLessThanOrEqual(rate.capacity + (latest / 60_000) * rate.refillPerMinute + 1e-9);
      }),
    );
  });
});

describe('rounds of a scan', () => {
  const cut = { bytes: 50, chunkBytes: 10, chunks: 5, dataStart: 4 };
  const right: readonly (readonly [number, number])[] = [
    [4, 12],
    [12, 20],
    [20, 33],
    [33, 41],
    [41, 50],
  ];

  it('begin with every chunk, and go on with those that began in the wrong place', () => {
    expect(roundTasks(cut, []).map(({ chunk, first }) => [chunk, first])).toEqual(
      [0, 1, 2, 3, 4].map((chunk) => [chunk, null]),
    );
    const first = new Map(right.map(([from, to], chunk) => [chunk, { first: from, next: to }]));
    expect(roundTasks(cut, [first])).toEqual([]);
    const wrong = new Map(first).set(3, { first: 36, next: 41 });
    expect(roundTasks(cut, [wrong])).toEqual([{ chunk: 3, first: 33 }]);
    const mended = new Map([[3, { first: 33, next: 41 }]]);
    expect(roundTasks(cut, [wrong, mended])).toEqual([]);
    expect(latestOutcomes(cut, [wrong, mended])[3]).toEqual({ start: 30, end: 40, first: 33, next: 41 });
  });

  it('do not ask again for a chunk that a record spans', () => {
    const spanned = new Map([
      [0, { first: 4, next: 35 }],
      [1, { first: null, next: null }],
      [2, { first: 22, next: 31 }],
      [3, { first: 35, next: 41 }],
      [4, { first: 41, next: 50 }],
    ]);
    expect(roundTasks(cut, [spanned])).toEqual([{ chunk: 2, first: 35 }]);
    expect(roundTasks(cut, [spanned, new Map([[2, { first: null, next: null }]])])).toEqual([]);
  });
});
