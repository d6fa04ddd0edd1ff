import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MetricStore } from '../../local/cloudwatch/metrics.ts';
import { ProvisionedConcurrency } from '../../local/lambda/provisioned-concurrency.ts';
import { Timeline } from '../../local/timeline.ts';

const DIMENSIONS = { FunctionName: 'analyze', Resource: 'analyze:live' };
const SECOND = 1000;

let store: MetricStore;
let ready: number[];
let now: number;
beforeEach(() => {
  // A whole minute, so that what a test does lies in one.
  now = Date.UTC(2026, 0, 1);
  vi.useFakeTimers({ now });
  ready = [];
});
afterEach(() => {
  vi.useRealTimers();
});

function provision(units: number, speed = 1): ProvisionedConcurrency {
  const timeline = new Timeline(speed);
  store = new MetricStore(timeline);
  const provisioned = new ProvisionedConcurrency({
    functionName: 'analyze',
    qualifier: 'live',
    units,
    timeline,
    record: (datum) => store.record(datum),
    keepReady: (count) => ready.push(count),
  });
  provisioned.start();
  return provisioned;
}

function metric(name: string, statistic: string): number | undefined {
  const query = { statistic, period: 60, start: now, end: now + 60_000 };
  const found = { namespace: 'AWS/Lambda', name, dimensions: DIMENSIONS };
  return store.query(found, query)[0]?.value;
}
const spilt = () => metric('ProvisionedConcurrencySpilloverInvocations', 'Sum') ?? 0;
const taken = () => metric('ProvisionedConcurrencyInvocations', 'Sum') ?? 0;

describe('provisioned concurrency', () => {
  it('gives each unit to one invocation at a time; more spill over', () => {
    const provisioned = provision(4);
    const leave = [1, 2, 3].map(() => provisioned.enter());
    expect(metric('ProvisionedConcurrentExecutions', 'Maximum')).toBe(3);
    expect(metric('ProvisionedConcurrencyUtilization', 'Maximum')).toBe(0.75);
    provisioned.enter();
    expect([taken(), spilt()]).toEqual([4, 0]);
    const leaveSpilt = provisioned.enter();
    expect([taken(), spilt()]).toEqual([4, 1]);
    leaveSpilt();
    provisioned.enter();
    expect([taken(), spilt()]).toEqual([4, 2]);
    leave[0]!();
    provisioned.enter();
    expect([taken(), spilt()]).toEqual([5, 2]);
  });

  it('gives each unit ten short invocations a second; more spill over although none is busy', () => {
    const provisioned = provision(2);
    for (let call = 0; call < 25; call += 1) provisioned.enter()();
    expect([taken(), spilt()]).toEqual([20, 5]);
    expect(metric('ProvisionedConcurrencyUtilization', 'Maximum')).toBe(0.5);
    vi.advanceTimersByTime(SECOND - 1);
    provisioned.enter()();
    expect([taken(), spilt()]).toEqual([20, 6]);
    vi.advanceTimersByTime(1);
    provisioned.enter()();
    expect([taken(), spilt()]).toEqual([21, 6]);
  });

  it('counts those seconds in time of the timeline', () => {
    const provisioned = provision(1, 10);
    for (let call = 0; call < 10; call += 1) provisioned.enter()();
    vi.advanceTimersByTime(SECOND / 10);
    provisioned.enter()();
    expect([taken(), spilt()]).toEqual([11, 0]);
  });

  it('has more units when all of them are there, and fewer at once', () => {
    const provisioned = provision(3);
    provisioned.request(9);
    expect([provisioned.requested, provisioned.allocated]).toEqual([9, 3]);
    vi.advanceTimersByTime(60 * SECOND - 1);
    expect(provisioned.allocated).toBe(3);
    vi.advanceTimersByTime(1);
    expect(provisioned.allocated).toBe(9);
    provisioned.request(5);
    expect([provisioned.requested, provisioned.allocated]).toEqual([5, 5]);
  });

  it('forgets a request for more when fewer are asked for meanwhile', () => {
    const provisioned = provision(3);
    provisioned.request(9);
    provisioned.request(2);
    vi.advanceTimersByTime(600 * SECOND);
    expect(provisioned.allocated).toBe(2);
  });

  it('starts two environments ahead at most', () => {
    const provisioned = provision(1);
    provisioned.request(50);
    provisioned.request(1);
    expect(ready).toEqual([1, 2, 1]);
  });
});
