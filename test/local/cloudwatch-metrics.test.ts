import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { embeddedMetrics } from '../../local/cloudwatch/embedded-metrics.ts';
import { KEEP_MS, MetricStore, MINUTE_MS } from '../../local/cloudwatch/metrics.ts';
import { Timeline } from '../../local/timeline.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');
beforeEach(() => {
  vi.useFakeTimers({ now: NOON });
});
afterEach(() => {
  vi.useRealTimers();
});

const metric = { namespace: 'test', name: 'Latency', dimensions: { Route: 'a', Stage: 'b' } };

function storeOf(...values: number[]): MetricStore {
  const store = new MetricStore(new Timeline());
  for (const value of values) store.record({ ...metric, value });
  return store;
}

function valuesOf(
  store: MetricStore,
  statistic: string,
  { period = 60, start = NOON, end = NOON + MINUTE_MS } = {},
) {
  return store.query(metric, { statistic, period, start, end }).map(({ value }) => value);
}

describe('the store of metrics', () => {
  it('has the statistics of each minute', () => {
    const store = storeOf(4, 1, 7);
    expect(
      ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount', 'p50', 'p100'].map(
        (statistic) => valuesOf(store, statistic)[0],
      ),
    ).toEqual([12, 4, 1, 7, 3, 4, 7]);
    expect(() => valuesOf(store, 'TM(10%:90%)')).toThrow('is not imitated');
    expect(() => valuesOf(store, 'Sum', { period: 30 })).toThrow('not imitated');
  });

  it('puts minutes together into longer periods, from wherever they are asked for', () => {
    const store = new MetricStore(new Timeline());
    for (let minute = 0; minute < 6; minute += 1) {
      if (minute !== 3) store.record({ ...metric, value: minute });
      vi.advanceTimersByTime(MINUTE_MS);
    }
    const end = NOON + 6 * MINUTE_MS;
    expect(valuesOf(store, 'Sum', { period: 120, end })).toEqual([1, 2, 9]);
    expect(valuesOf(store, 'Sum', { period: 120, start: NOON + MINUTE_MS, end })).toEqual([3, 4, 5]);
    expect(valuesOf(store, 'Sum', { end })).toEqual([0, 1, 2, 4, 5]);
    expect(valuesOf(store, 'p50', { period: 360, end })).toEqual([2]);
  });

  it('knows a metric by its dimensions, in any order', () => {
    const store = storeOf(1);
    const turned = { ...metric, dimensions: { Stage: 'b', Route: 'a' } };
    store.record({ ...turned, value: 2 });
    store.record({ ...metric, dimensions: { Route: 'a' }, value: 100 });
    expect(valuesOf(store, 'Sum')).toEqual([3]);
    expect(store.list()).toHaveLength(2);
  });

  it('counts values that come with how often they were', () => {
    const store = storeOf();
    store.record({ ...metric, value: [10, 20], counts: [3, 1] });
    store.recordStatistics({ ...metric, statistics: { sum: 60, count: 2, minimum: 5, maximum: 55 } });
    expect(valuesOf(store, 'Sum')).toEqual([110]);
    expect(valuesOf(store, 'SampleCount')).toEqual([6]);
    expect([valuesOf(store, 'Minimum'), valuesOf(store, 'Maximum')]).toEqual([[5], [55]]);
  });

  it('forgets what is a day old, and single values after three hours', () => {
    const store = storeOf(1, 2, 3);
    const other = { ...metric, name: 'Other' };
    vi.advanceTimersByTime(4 * 60 * MINUTE_MS);
    store.record({ ...other, value: 1 });
    expect(valuesOf(store, 'Average')).toEqual([2]);
    expect(valuesOf(store, 'p50')).toEqual([]);
    vi.advanceTimersByTime(KEEP_MS);
    store.record({ ...other, value: 1 });
    expect(store.list()).toEqual([other]);
    store.record({ ...metric, value: 1, timestamp: NOON });
    expect(store.list()).toEqual([other]);
  });

  it('has percentiles that are right to two digits, however many different values there are', () => {
    const values = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), {
      minLength: 1,
      maxLength: 3000,
      size: 'max',
    });
    fc.assert(
      fc.property(values, fc.constantFrom(10, 50, 95, 99), (sample, percent) => {
        const ordered = [...sample].sort((left, right) => left - right);
        const exact = ordered[Math.ceil((percent / 100) * sample.length) - 1] ?? Number.NaN;
        const [found = Number.NaN] = valuesOf(storeOf(...sample), `p${percent}`);
        expect(Math.abs(found - exact) / exact).toBeLessThanOrEqual(0.06);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the timeline', () => {
  it('is real time, unless it is faster', () => {
    const fast = new Timeline(60);
    vi.advanceTimersByTime(1000);
    expect(new Timeline().now()).toBe(NOON + 1000);
    expect(fast.now()).toBe(NOON + MINUTE_MS);
    expect(() => new Timeline(0)).toThrow(RangeError);
  });

  it('runs work when it is time, also far off, and not what was called off', () => {
    const timeline = new Timeline(60);
    const done: string[] = [];
    timeline.after(90_000, () => done.push('one and a half minutes'));
    const cancel = timeline.after(1000, () => done.push('never'));
    const year = 365 * 24 * 60 * MINUTE_MS;
    timeline.after(60 * year, () => done.push('sixty years'));
    cancel();
    vi.advanceTimersByTime(1499);
    expect(done).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(done).toEqual(['one and a half minutes']);
    vi.advanceTimersByTime(year - 1501);
    expect(done).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(done).toHaveLength(2);
  });

  it('repeats work until it is called off', () => {
    const timeline = new Timeline(60);
    const times: number[] = [];
    const cancel = timeline.every(MINUTE_MS, () => times.push(timeline.now() - NOON));
    vi.advanceTimersByTime(3500);
    cancel();
    vi.advanceTimersByTime(3500);
    expect(times).toEqual([MINUTE_MS, 2 * MINUTE_MS, 3 * MINUTE_MS]);
  });
});

describe('metrics in a line of a log', () => {
  const line = (directive: object, members: object) =>
    JSON.stringify({ _aws: { Timestamp: 1, CloudWatchMetrics: [directive] }, ...members });

  it('are of each set of dimensions, with one value or many', () => {
    const directive = {
      Namespace: 'shop',
      Dimensions: [['Route'], []],
      Metrics: [{ Name: 'Requests', Unit: 'Count' }, { Name: 'Latency' }],
    };
    expect(
      embeddedMetrics(line(directive, { Route: 'buy', Requests: 1, Latency: [3, 4], level: 'info' })),
    ).toEqual([
      { namespace: 'shop', name: 'Requests', dimensions: { Route: 'buy' }, value: 1 },
      { namespace: 'shop', name: 'Requests', dimensions: {}, value: 1 },
      { namespace: 'shop', name: 'Latency', dimensions: { Route: 'buy' }, value: [3, 4] },
      { namespace: 'shop', name: 'Latency', dimensions: {}, value: [3, 4] },
    ]);
  });

  it('are none where a dimension or a value is missing', () => {
    const directive = { Namespace: 'shop', Dimensions: [['Route']], Metrics: [{ Name: 'Requests' }] };
    expect(embeddedMetrics(line(directive, { Requests: 1 }))).toEqual([]);
    expect(embeddedMetrics(line(directive, { Route: 'a', Requests: 'many' }))).toEqual([]);
  });

  it.each([
    'REPORT RequestId: 1',
    '{"_aws"',
    '{"_aws":{}}',
    'x {"_aws":{"CloudWatchMetrics":[]}}',
    '{"a":"_aws"}',
  ])('are none in %s', (text) => {
    expect(embeddedMetrics(text)).toEqual([]);
  });
});
