import { describe, expect, it } from 'vitest';
import { mostConcurrency } from '../../lib/config/account-concurrency.ts';
import { API_FUNCTIONS } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { PROVISIONED_LOAD } from '../../lib/constructs/provisioned-load.ts';
import { calculate } from './metric-math.ts';

const PHASES = ['phase1', 'phase2', 'phase3', 'phase4'] as const;

describe('the load that environments follow', () => {
  const loadOf = (u: number, e: number, inv: number) => calculate(PROVISIONED_LOAD, { u, e, inv });

  it.each([
    // 100 requests a second of 20 ms on ten units: two are busy, and yet there is no room for more.
    { what: 'the rate', units: 10, busy: 2, inv: 6000, load: 1 },
    { what: 'the rate, of which half starts cold', units: 10, busy: 2, inv: 12_000, load: 2 },
    { what: 'long requests', units: 10, busy: 8, inv: 60, load: 0.8 },
    { what: 'both alike', units: 20, busy: 14, inv: 8400, load: 0.7 },
    { what: 'a heartbeat', units: 6, busy: 1, inv: 1, load: 1 / 6 },
  ])('is $load by $what', ({ units, busy, inv, load }) => {
    expect(loadOf(busy / units, busy, inv)).toBeCloseTo(load, 9);
  });

  it('is nothing while nothing is set up, however many start cold', () => {
    expect(loadOf(0, 0, 6000)).toBe(0);
  });

  it.each(PHASES)(
    'lets %s go back to its fewest environments when there is nothing but heartbeats',
    (stage) => {
      for (const { min, max } of Object.values(loadStage(stage).api.provisioned!)) {
        for (const units of [min, max]) {
          // What target tracking wants: as many as bring the load to 0.7.
          const wanted = Math.ceil((units * loadOf(1 / units, 1, 1)!) / 0.7);
          expect(wanted).toBeLessThanOrEqual(min);
        }
      }
    },
  );
});

// The guide's load: a request of each user every 2.1 s, of 19 of which 3 ask for health, the rest to analyse something.
describe('the fewest environments of', () => {
  const SHARES = { health: 3, small: 10, medium: 5, large: 1 };
  const SECONDS = { health: 0.003, small: 0.02, medium: 0.04, large: 0.15 };
  type Kind = keyof typeof SHARES;

  /** ⌈1.1 · max(λ·d, λ ÷ 10)⌉: a tenth more than are busy, or than Lambda's rate asks for. */
  function needed(users: number, kinds: readonly Kind[]): number {
    const total = Object.values(SHARES).reduce((sum, share) => sum + share, 0);
    const rate = (kind: Kind) => ((users / 2.1) * SHARES[kind]) / total;
    const requests = kinds.reduce((sum, kind) => sum + rate(kind), 0);
    const busy = kinds.reduce((sum, kind) => sum + rate(kind) * SECONDS[kind], 0);
    return Math.ceil(1.1 * Math.max(busy, requests / 10));
  }

  it.each([
    { stage: 'phase1', users: 100, control: 1, analyze: 5 },
    { stage: 'phase2', users: 500, control: 5, analyze: 23 },
    { stage: 'phase3', users: 1000, control: 9, analyze: 45 },
    { stage: 'phase4', users: 1000, control: 9, analyze: 45 },
  ] as const)('$stage suffice for its $users users', ({ stage, users, control, analyze }) => {
    expect(needed(users, ['health'])).toBe(control);
    expect(needed(users, ['small', 'medium', 'large'])).toBe(analyze);
    const { api } = loadStage(stage);
    expect(api.provisioned!.control.min).toBeGreaterThanOrEqual(control);
    expect(api.provisioned!.analyze.min).toBeGreaterThanOrEqual(analyze);
    // API Gateway remembers a token for a minute, and every user has one.
    const authorizations = users / 60;
    expect(api.provisioned!.authorizer.min).toBeGreaterThanOrEqual(Math.ceil((1.1 * authorizations) / 10));
    // What is reserved has the same rate, and nobody remembers tokens after a deployment.
    expect(api.reserved!.authorizer).toBeGreaterThanOrEqual(authorizations);
    expect(api.reserved!.analyze).toBeGreaterThanOrEqual((users / 2.1) * (16 / 19) * 0.1);
  });
});

describe('the concurrency of the account', () => {
  it.each([
    // 0 + 4·(16 + 1) + 4·11 + 100
    { stage: 'dev', most: 212, account: 1000 },
    // 160 + 10·17 + 10·11 + 100
    { stage: 'phase1', most: 540, account: 1000 },
    { stage: 'phase2', most: 860, account: 1000 },
    { stage: 'phase3', most: 1440, account: 3000 },
    { stage: 'phase4', most: 1440, account: 3000 },
  ] as const)(
    'has room for all of $stage, and for the 100 that nobody reserves',
    ({ stage, most, account }) => {
      const settings = loadStage(stage);
      expect(mostConcurrency(settings)).toBe(most);
      expect(settings.alarms.accountConcurrency).toBe(account);
      expect(most).toBeLessThanOrEqual(account);
    },
  );

  it.each(PHASES)('that %s reserves is never less than it keeps ready', (stage) => {
    const { provisioned, reserved } = loadStage(stage).api;
    for (const name of API_FUNCTIONS) {
      expect(reserved![name]).toBeGreaterThanOrEqual(provisioned![name].max);
    }
  });
});
