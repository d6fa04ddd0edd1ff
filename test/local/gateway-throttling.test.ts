import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StageDefinition } from '../../local/gateway/definition.ts';
import { GatewayError } from '../../local/gateway/gateway-error.ts';
import { stageLimits } from '../../local/gateway/throttling.ts';
import { TokenBucket } from '../../local/gateway/token-bucket.ts';
import { apiKeyValue, UsagePlans } from '../../local/gateway/usage-plans.ts';

import { resource } from './gateway-resource.ts';

describe('a token bucket', () => {
  it('lets the burst through at once, and then as many as come back', () => {
    let now = 0;
    const bucket = new TokenBucket(2, 3, () => now);
    const take = (count: number) => Array.from({ length: count }, () => bucket.tryTake());
    expect(take(4)).toEqual([true, true, true, false]);
    now = 499;
    expect(take(1)).toEqual([false]);
    now = 500;
    expect(take(2)).toEqual([true, false]);
    now = 60_000;
    expect(take(4)).toEqual([true, true, true, false]);
  });

  it('never lets more through than burst and rate allow', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        waits,
        (rate, burst, gaps) => {
          let now = 0;
          const bucket = new TokenBucket(rate, burst, () => now);
          let passed = 0;
          for (const gap of gaps) {
            now += gap;
            if (bucket.tryTake()) passed += 1;
          }
          expect(passed).toBeLessThanOrEqual(burst + (rate * now) / 1000 + 1e-6);
        },
      ),
    );
  });
});

describe('usage plans', () => {
  const plan = resource('UsagePlan', 'plan', {
    ApiStages: [{ ApiId: 'api', Stage: 'main' }],
    Throttle: { RateLimit: '0.001', BurstLimit: '2' },
  });
  const key = resource('ApiKey', 'key', { Enabled: true, Value: 'v'.repeat(30) });
  const generated = resource('ApiKey', 'generated', { Enabled: 'true' });
  const disabled = resource('ApiKey', 'disabled', { Enabled: false, Value: 'd'.repeat(30) });
  const keys = ['key', 'generated', 'disabled'].map((KeyId) =>
    resource('UsagePlanKey', `of-${KeyId}`, { KeyId, UsagePlanId: 'plan', KeyType: 'API_KEY' }),
  );
  const resources = [plan, key, generated, disabled, ...keys];
  const admit = (plans: UsagePlans, value: string | undefined, stage = 'main') =>
    plans.admit(value, stage, '/x', 'GET');
  const kind = (work: () => unknown) => {
    try {
      return work();
    } catch (error) {
      return error instanceof GatewayError ? error.kind : error;
    }
  };

  it('let in who has an enabled key of a plan of the stage', () => {
    const plans = new UsagePlans({ id: 'api' }, resources);
    expect(admit(plans, 'v'.repeat(30))).toBe('key');
    expect(admit(plans, apiKeyValue(generated))).toBe('generated');
    for (const value of [undefined, 'undefined', '', 'x', 'd'.repeat(30)])
      expect(kind(() => admit(plans, value))).toBe('INVALID_API_KEY');
    expect(kind(() => admit(plans, 'v'.repeat(30), 'other'))).toBe('INVALID_API_KEY');
    const elsewhere = new UsagePlans({ id: 'other' }, resources);
    expect(kind(() => admit(elsewhere, 'v'.repeat(30)))).toBe('INVALID_API_KEY');
  });

  it('limit each key for itself', () => {
    const plans = new UsagePlans({ id: 'api' }, resources);
    const outcomes = [1, 2, 3].map(() => kind(() => admit(plans, 'v'.repeat(30))));
    expect(outcomes).toEqual(['key', 'key', 'THROTTLED']);
    expect(admit(plans, apiKeyValue(generated))).toBe('generated');
  });
});

it('a stage limits a method by its own setting, or all by one', () => {
  const settings = [
    { HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 },
    { HttpMethod: 'GET', ResourcePath: '/~1api~1jobs', ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2 },
    { HttpMethod: 'POST', ResourcePath: '/~1api~1jobs' },
  ];
  const stage: StageDefinition = { name: 'main', variables: {}, settings };
  expect(stageLimits(stage, '/api/jobs', 'GET')).toEqual({ name: 'main GET /api/jobs', rate: 1, burst: 2 });
  const all = { name: 'stage main', rate: 10, burst: 20 };
  expect(stageLimits(stage, '/api/jobs', 'POST')).toEqual(all);
  expect(stageLimits(stage, '/api', 'GET')).toEqual(all);
  expect(stageLimits({ ...stage, settings: [] }, '/', 'GET').rate).toBeUndefined();
});
