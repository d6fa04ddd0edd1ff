import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeployedResource } from '../../local/assembly/deployment.ts';
import type { JsonObject } from '../../local/assembly/json.ts';
import { AlarmActions } from '../../local/cloudwatch/alarms/actions.ts';
import { Alarms } from '../../local/cloudwatch/alarms/alarms.ts';
import { announcement } from '../../local/cloudwatch/alarms/announcement.ts';
import { readAlarm } from '../../local/cloudwatch/alarms/definition.ts';
import { type AlarmStateChange, functionEvent } from '../../local/cloudwatch/alarms/state-change.ts';
import { MetricStore, MINUTE_MS } from '../../local/cloudwatch/metrics.ts';
import { Timeline } from '../../local/timeline.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:alerts';
const POLICY = 'arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:1:resource/x:policyName/p';

let store: MetricStore;
let alarms: Alarms | undefined;
let changes: string[];
let acts: string[];
let told: AlarmStateChange[];
let logged: string[];

beforeEach(() => {
  vi.useFakeTimers({ now: NOON });
  [changes, acts, told, logged] = [[], [], [], []];
});
afterEach(() => {
  alarms?.stop();
  vi.useRealTimers();
});

function resource(name: string, properties: JsonObject): DeployedResource {
  const composite = properties['AlarmRule'] !== undefined;
  return {
    stackName: 'shop',
    logicalId: name,
    type: composite ? 'AWS::CloudWatch::CompositeAlarm' : 'AWS::CloudWatch::Alarm',
    identity: {
      name,
      ref: name,
      attributes: { Arn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${name}` },
    },
    properties,
  };
}

/** An alarm of more than 10 in each of three minutes, unless it is told otherwise. */
function watching(properties: JsonObject = {}): JsonObject {
  return {
    Namespace: 'shop',
    MetricName: 'Waiting',
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 3,
    Threshold: 10,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    ...properties,
  };
}

/** Starts these alarms, by name; what their actions are told goes into `acts`. */
function start(definitions: Record<string, JsonObject>, speed = 1): Alarms {
  const timeline = new Timeline(speed);
  store = new MetricStore(timeline);
  const actions = new AlarmActions();
  for (const [name, arn] of Object.entries({ topic: TOPIC, policy: POLICY }))
    actions.registerAction(arn, async (change) => {
      told.push(change);
      acts.push(`${name}: ${change.alarm.name} ${change.state.value}`);
    });
  alarms = new Alarms({
    timeline,
    store,
    definitions: Object.entries(definitions).map(([name, properties]) =>
      readAlarm(resource(name, properties)),
    ),
    actions,
    onChange: ({ alarm, previous, state }) => changes.push(`${alarm.name} ${previous.value} ${state.value}`),
    log: (line) => logged.push(line),
  });
  alarms.start();
  return alarms;
}

/** Records a value in each of the coming minutes, none where it is undefined. */
async function pass(values: readonly (number | undefined)[], name = 'Waiting') {
  for (const value of values) {
    if (value !== undefined) store.record({ namespace: 'shop', name, dimensions: {}, value });
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
  }
  // What belongs to a minute arrives a little after it.
  await vi.advanceTimersByTimeAsync(15_000);
}

const stateOf = (name: string) =>
  alarms?.list().find(({ definition }) => definition.name === name)?.state.value;

describe('an alarm', () => {
  it('says nothing until all that it looks at lies after the start', async () => {
    start({ silent: watching({ TreatMissingData: 'breaching' }) });
    await pass([undefined, undefined]);
    expect(changes).toEqual([]);
    await pass([undefined]);
    expect(changes).toEqual(['silent INSUFFICIENT_DATA ALARM']);
  });

  it('rings when enough minutes in a row are over its threshold, and acts once each way', async () => {
    start({ waiting: watching({ AlarmActions: [TOPIC], OKActions: [TOPIC] }) });
    await pass([11, 10, 11, 12, 13, 14, 9, 14]);
    expect(changes).toEqual(['waiting INSUFFICIENT_DATA OK', 'waiting OK ALARM', 'waiting ALARM OK']);
    expect(acts).toEqual(['topic: waiting OK', 'topic: waiting ALARM', 'topic: waiting OK']);
    expect(told[1]?.value).toBe(13);
    expect(told[1]?.state.reason).toBe(
      'Threshold Crossed: 3 of the last 3 datapoints [11, 12, 13] were greater than the threshold (10).',
    );
  });

  it('repeats what scales each minute while it rings, and nothing else', async () => {
    start({ busy: watching({ EvaluationPeriods: 1, AlarmActions: [TOPIC, POLICY] }) });
    await pass([1, 20, 30, 40, 1, 1, 1]);
    expect(acts).toEqual([
      'topic: busy ALARM',
      'policy: busy ALARM',
      'policy: busy ALARM',
      'policy: busy ALARM',
    ]);
    expect(told.map(({ value }) => value)).toEqual([20, 20, 30, 40]);
  });

  it('does nothing while its actions are switched off, and changes its state all the same', async () => {
    const started = start({
      waiting: watching({ EvaluationPeriods: 1, AlarmActions: [TOPIC, POLICY], OKActions: [TOPIC] }),
      muted: watching({ EvaluationPeriods: 1, AlarmActions: [TOPIC], ActionsEnabled: false }),
    });
    const enabled = () => started.list().map(({ actionsEnabled }) => actionsEnabled);
    expect(enabled()).toEqual([true, false]);
    started.switches.set(['waiting', 'of nobody'], false);
    await pass([1, 20, 20, 1]);
    expect(acts).toEqual([]);
    expect(changes.filter((change) => change.startsWith('waiting'))).toEqual([
      'waiting INSUFFICIENT_DATA OK',
      'waiting OK ALARM',
      'waiting ALARM OK',
    ]);
    started.switches.set(['muted'], true);
    expect(enabled()).toEqual([false, true]);
    started.switches.set(['waiting'], true);
    expect(enabled()).toEqual([true, true]);
    await pass([20]);
    expect(acts).toEqual(['topic: waiting ALARM', 'policy: waiting ALARM', 'topic: muted ALARM']);
  });

  it('looks at sliding windows of longer periods', async () => {
    start({ errors: watching({ Period: 300, EvaluationPeriods: 1, Statistic: 'Sum' }) });
    await pass([0, 0, 0, 0, 0, 0, 6, 5]);
    expect(changes).toEqual(['errors INSUFFICIENT_DATA OK', 'errors OK ALARM']);
    expect(alarms?.list()[0]?.state.since).toBe(NOON + 8 * MINUTE_MS + 10_000);
  });

  it('lives in the time of the timeline', async () => {
    start({ waiting: watching({ TreatMissingData: 'breaching' }) }, 60);
    await vi.advanceTimersByTimeAsync(4000);
    expect(changes).toEqual(['waiting INSUFFICIENT_DATA ALARM']);
  });

  it('of an expression rings by what the expression says', async () => {
    const stat = (MetricName: string) => ({
      Metric: { Namespace: 'shop', MetricName, Dimensions: [] },
      Period: 60,
      Stat: 'Sum',
    });
    start({
      share: {
        Metrics: [
          { Id: 'share', Expression: 'IF(bad >= 2, 100 * bad / all, 0)', Label: 'bad, %' },
          { Id: 'bad', MetricStat: stat('Bad'), ReturnData: false },
          { Id: 'all', MetricStat: stat('Waiting'), ReturnData: false },
        ],
        EvaluationPeriods: 1,
        Threshold: 5,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'ignore',
      },
    });
    store.record({ namespace: 'shop', name: 'Bad', dimensions: {}, value: 1 });
    await pass([10]);
    expect(stateOf('share')).toBe('OK');
    store.record({ namespace: 'shop', name: 'Bad', dimensions: {}, value: [1, 1] });
    await pass([40]);
    expect(stateOf('share')).toBe('ALARM');
    expect(told).toEqual([]);
  });

  it('of a percentile of few values keeps its state, if it is told to', async () => {
    const slow = { ExtendedStatistic: 'p95', Statistic: undefined, EvaluationPeriods: 1 };
    const properties = (more: JsonObject): JsonObject =>
      JSON.parse(JSON.stringify({ ...watching(), ...slow, ...more }));
    start({
      careful: properties({ EvaluateLowSampleCountPercentile: 'ignore' }),
      hasty: properties({}),
    });
    store.record({ namespace: 'shop', name: 'Waiting', dimensions: {}, value: Array<number>(199).fill(11) });
    await pass([undefined]);
    expect(changes).toEqual(['hasty INSUFFICIENT_DATA ALARM']);
    store.record({ namespace: 'shop', name: 'Waiting', dimensions: {}, value: Array<number>(200).fill(11) });
    await pass([undefined]);
    expect(changes).toEqual(['hasty INSUFFICIENT_DATA ALARM', 'careful INSUFFICIENT_DATA ALARM']);
  });

  it('tells people what is wrong and what to do, and when it is over', async () => {
    const AlarmDescription =
      'Impact: Uploads wait. First action: Look at the queue. Runbook: docs/x.md#shop-wait';
    start({
      'shop-wait': watching({
        AlarmDescription,
        EvaluationPeriods: 1,
        AlarmActions: [TOPIC],
        OKActions: [TOPIC],
      }),
    });
    await pass([1, 11, 1]);
    expect(told.map(announcement)).toEqual([
      undefined,
      'ALARM wait: Uploads wait. → Look at the queue.',
      'OK    wait: it is over.',
    ]);
  });

  it('tells functions of the change in the words of CloudWatch', async () => {
    start({ waiting: watching({ EvaluationPeriods: 1, AlarmActions: [TOPIC] }) });
    await pass([11]);
    expect(told.map(functionEvent)).toMatchObject([
      {
        source: 'aws.cloudwatch',
        alarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:waiting',
        time: '2026-03-01T12:01:10.000+0000',
        alarmData: {
          alarmName: 'waiting',
          state: { value: 'ALARM', timestamp: '2026-03-01T12:01:10.000+0000' },
          previousState: { value: 'INSUFFICIENT_DATA' },
          configuration: {
            metrics: [
              { returnData: true, metricStat: { period: 60, stat: 'Maximum', metric: { name: 'Waiting' } } },
            ],
          },
        },
      },
    ]);
  });

  it('whose action fails goes on, and says so', async () => {
    const failing = new AlarmActions();
    failing.registerAction(TOPIC, () => Promise.reject(new Error('no such topic')));
    const timeline = new Timeline();
    store = new MetricStore(timeline);
    const definition = readAlarm(resource('a', watching({ EvaluationPeriods: 1, AlarmActions: [TOPIC] })));
    alarms = new Alarms({
      ...{ timeline, store, actions: failing, definitions: [definition], onChange: () => undefined },
      log: (line) => logged.push(line),
    });
    alarms.start();
    await pass([11]);
    expect(logged).toEqual([`a could not act on ${TOPIC}: no such topic`]);
    expect(stateOf('a')).toBe('ALARM');
  });

  it.each<[JsonObject, string]>([
    [{ Period: 10 }, 'a period of 10 s'],
    [{ Statistic: 'IQM' }, 'the statistic IQM'],
    [{ Period: 86_400, EvaluationPeriods: 2 }, 'more than a day'],
    [{ ComparisonOperator: 'GreaterThanUpperThreshold' }, 'ComparisonOperator'],
    [{ Metrics: [{ Id: 'e', Expression: 'ANOMALY_DETECTION_BAND(m)' }] }, 'ANOMALY_DETECTION_BAND'],
    [{ Metrics: [{ Id: 'e', Expression: 'm + 1' }] }, 'there is no metric m'],
    [{ Metrics: [{ Id: 'e', Expression: 'e + 1' }] }, 'e refers to itself'],
  ])('that is not imitated is refused with the reason: %j', (properties, reason) => {
    expect(() => readAlarm(resource('a', watching(properties)))).toThrow(reason);
  });
});

describe('a composite alarm', () => {
  const both = {
    high: watching({ EvaluationPeriods: 1 }),
    low: watching({ EvaluationPeriods: 1, MetricName: 'Stock', ComparisonOperator: 'LessThanThreshold' }),
  };

  it('follows the alarms of its rule at once, also over others of its kind', async () => {
    start({
      top: { AlarmRule: 'ALARM("middle")', AlarmActions: [TOPIC] },
      middle: { AlarmRule: 'ALARM("high") AND ALARM("low")' },
      ...both,
    });
    store.record({ namespace: 'shop', name: 'Stock', dimensions: {}, value: 1 });
    await pass([11]);
    expect(changes.slice(-2)).toEqual(['middle OK ALARM', 'top OK ALARM']);
    expect(acts).toEqual(['topic: top ALARM']);
    await pass([1, 1, 1]);
    expect([stateOf('middle'), stateOf('top')]).toEqual(['OK', 'OK']);
  });

  it('is silent while another alarm tells the cause, and told after it if it is still on', async () => {
    const held = {
      AlarmRule: 'ALARM("high")',
      AlarmActions: [TOPIC],
      OKActions: [TOPIC],
      ActionsSuppressor: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:cause',
      ActionsSuppressorWaitPeriod: 60,
      ActionsSuppressorExtensionPeriod: 150,
    };
    const running = start({
      ...both,
      page: held,
      cause: watching({ EvaluationPeriods: 1, MetricName: 'Cause' }),
    });
    await pass([1]);
    // What it was at the start is told as well.
    expect(acts.splice(0)).toEqual(['topic: page OK']);
    expect(running.set('cause', 'ALARM', 'a test')).toBe(true);
    expect(running.set('high', 'ALARM', 'a test')).toBe(true);
    expect(stateOf('page')).toBe('ALARM');
    await vi.advanceTimersByTimeAsync(1000);
    expect(acts).toEqual([]);
    running.set('cause', 'OK', 'a test');
    store.record({ namespace: 'shop', name: 'Waiting', dimensions: {}, value: 20 });
    await pass([20, 20]);
    expect(acts).toEqual([]);
    await pass([20]);
    expect(acts).toEqual(['topic: page ALARM']);
    await pass([1, 1, 1]);
    expect(acts).toEqual(['topic: page ALARM', 'topic: page OK']);
  });

  it('that is over before anybody was told is never told', async () => {
    const running = start({
      ...both,
      page: {
        AlarmRule: 'ALARM("high")',
        AlarmActions: [TOPIC],
        ActionsSuppressor: 'low',
        ActionsSuppressorWaitPeriod: 600,
      },
    });
    await pass([1]);
    running.set('high', 'ALARM', 'a test');
    await pass([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(stateOf('page')).toBe('OK');
    expect(acts).toEqual([]);
  });
});
