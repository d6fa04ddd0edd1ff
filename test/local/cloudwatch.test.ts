import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SmithyRpcV2CborProtocol } from '@smithy/core/cbor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesise } from '../../local/assembly/synthesise.ts';
import { type LocalCloud, startLocalCloud } from '../../local/local-cloud.ts';
import { eventually } from './eventually.ts';
import { principalCredentials } from './s3-server.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A minute passes in a quarter of a second. */
const SPEED = 240;
const HOUR_MS = 3_600_000;

const directory = temporaryDirectory();
const assembly = temporaryDirectory();
let cloud: LocalCloud;
let cloudwatch: CloudWatchClient;
let lambda: LambdaClient;
let sqs: SQSClient;
const logs: string[] = [];
const rung: string[] = [];

beforeAll(async () => {
  await synthesise({ app: 'test/local/fixture/alarm-app.ts', outdir: assembly.path });
  cloud = await startLocalCloud({
    assembly: assembly.path,
    dataDirectory: directory.path,
    ports: { aws: 0 },
    speed: SPEED,
    onLog: (source, line) => logs.push(`${source}: ${line}`),
    onNews: (line) => rung.push(line),
  });
  cloudwatch = new CloudWatchClient(settings());
  lambda = new LambdaClient(settings());
  sqs = new SQSClient(settings());
}, 60_000);
afterAll(async () => {
  for (const client of [cloudwatch, lambda, sqs]) client.destroy();
  await cloud.stop();
  directory.remove();
  assembly.remove();
});

const settings = () => ({
  endpoint: cloud.endpoint,
  region: 'us-east-1',
  credentials: principalCredentials(cloud.developer),
});
const output = (name: string) => String(cloud.outputs['fixture-alarms']?.[name]);
const said = (what: RegExp) => eventually(String(what), () => logs.find((line) => what.test(line)));

function bake(heat: number, qualifier?: string) {
  const Payload = JSON.stringify({ heat });
  const Qualifier = qualifier === undefined ? {} : { Qualifier: qualifier };
  return lambda.send(new InvokeCommand({ FunctionName: output('OvenName'), ...Qualifier, Payload }));
}

/** Every value that a metric has had since the start. */
async function valuesOf(client: CloudWatchClient, metric: object, Stat: string, Period = 60) {
  const { MetricDataResults } = await client.send(
    new GetMetricDataCommand({
      // The timeline is ahead of real time by as much as it is faster.
      StartTime: new Date(Date.now() - HOUR_MS),
      EndTime: new Date(Date.now() + 20 * HOUR_MS),
      MetricDataQueries: [
        { Id: 'm', MetricStat: { Metric: metric, Period, Stat }, ReturnData: false },
        { Id: 'twice', Expression: 'm * 2', Label: 'twice' },
      ],
    }),
  );
  return MetricDataResults?.flatMap(({ Values }) => Values ?? []) ?? [];
}

describe('alarms of the templates', () => {
  it('are imitated, but for those whose reason is listed', () => {
    expect(cloud.services).toContain('CloudWatch');
    expect(cloud.notImitated.toSorted()).toEqual([
      'the alarm fixture-odd: the function SLICE is not imitated',
      'the metric AWS/RDS FreeableMemory (fixture-memory)',
    ]);
  });

  it('ring by what functions measure, and tell topics and functions that let them', async () => {
    await said(/^alarms: fixture-hot INSUFFICIENT_DATA → OK/);
    await bake(250);
    await said(/^alarms: fixture-hot OK → ALARM: Threshold Crossed: 1 of the last 1 datapoints \[250\]/);
    await said(/^topics: arn:aws:sns:.* ALARM: "fixture-hot" in us-east-1: .*"NewStateValue":"ALARM"/);
    await said(/^fixture-alarms-Oven.*: told fixture-hot ALARM/);
    await said(
      /^alarms: other-hot could not act on .*: its policy does not let cloudwatch.amazonaws.com sns:Publish/,
    );
    await said(/^alarms: fixture-both OK → ALARM/);
    expect(rung).toContain('ALARM fixture-hot: Bread burns. → Open the oven.');
    await said(/^alarms: fixture-hot ALARM → OK/);
    expect(logs.join('\n')).not.toMatch(/fixture-share OK → ALARM|Metrics are missing/);
  });

  it('ring by what services measure', async () => {
    for (const MessageBody of ['a', 'b', 'c'])
      await sqs.send(new SendMessageCommand({ QueueUrl: output('QueueUrl'), MessageBody }));
    await said(/^alarms: fixture-crowded OK → ALARM/);
    const metric = (MetricName: string) => ({
      Namespace: 'AWS/SQS',
      MetricName,
      Dimensions: [{ Name: 'QueueName', Value: output('QueueName') }],
    });
    // The alarm may ring before all three are measured.
    await eventually('all messages', async () => {
      const sent = await valuesOf(cloudwatch, metric('NumberOfMessagesSent'), 'Sum', 3600);
      return sent.reduce((sum, value) => sum + value, 0) === 6 ? true : undefined;
    });
    // In time of the timeline a message of a second is minutes old.
    await eventually('an old message', async () =>
      Math.max(...(await valuesOf(cloudwatch, metric('ApproximateAgeOfOldestMessage'), 'Maximum'))) >
      2 * SPEED
        ? true
        : undefined,
    );
  });
});

describe.each([
  ['JSON, which the SDK speaks', {}],
  ['CBOR, which the command line speaks', { protocol: SmithyRpcV2CborProtocol }],
])('CloudWatch in %s', (_, protocol) => {
  let client: CloudWatchClient;
  beforeAll(() => {
    client = new CloudWatchClient({ ...settings(), ...protocol });
  });
  afterAll(() => client.destroy());

  it('has metrics of functions by their name and by what they were called by', async () => {
    await bake(1, 'live');
    const FunctionName = output('OvenName');
    const { Metrics = [] } = await client.send(
      new ListMetricsCommand({
        Namespace: 'AWS/Lambda',
        MetricName: 'Invocations',
        Dimensions: [{ Name: 'Resource', Value: `${FunctionName}:live` }],
      }),
    );
    expect(Metrics).toEqual([
      {
        Namespace: 'AWS/Lambda',
        MetricName: 'Invocations',
        Dimensions: [
          { Name: 'FunctionName', Value: FunctionName },
          { Name: 'Resource', Value: `${FunctionName}:live` },
        ],
      },
    ]);
    const twice = await valuesOf(client, Metrics[0] ?? {}, 'Sum');
    expect(twice.length).toBeGreaterThan(0);
    expect(twice.every((value) => value % 2 === 0)).toBe(true);
  });

  it('takes metrics, and tells their statistics', async () => {
    const name = `Put${Object.keys(protocol).length}`;
    const dimensions = { Namespace: 'put', MetricName: name };
    const at = new Date(Math.floor(Date.now() / 60_000) * 60_000);
    await client.send(
      new PutMetricDataCommand({
        Namespace: 'put',
        MetricData: [
          { MetricName: name, Timestamp: at, Values: [1.5, 2], Counts: [1, 3] },
          {
            MetricName: name,
            Timestamp: at,
            StatisticValues: { SampleCount: 1, Sum: 4.5, Minimum: 4.5, Maximum: 4.5 },
          },
        ],
      }),
    );
    const { Datapoints } = await client.send(
      new GetMetricStatisticsCommand({
        ...dimensions,
        StartTime: at,
        EndTime: new Date(at.getTime() + 60_000),
        Period: 60,
        Statistics: ['Sum', 'Maximum', 'SampleCount'],
        ExtendedStatistics: ['p50'],
      }),
    );
    expect(Datapoints).toEqual([
      { Timestamp: at, Sum: 12, Maximum: 4.5, SampleCount: 5, ExtendedStatistics: { p50: 2 } },
    ]);
    await expect(
      client.send(
        new PutMetricDataCommand({ Namespace: 'AWS/Mine', MetricData: [{ MetricName: 'a', Value: 1 }] }),
      ),
    ).rejects.toThrow('reserved');
  });

  it('tells alarms with their states, and sets these', async () => {
    await client.send(
      new SetAlarmStateCommand({ AlarmName: 'fixture-share', StateValue: 'ALARM', StateReason: 'a test' }),
    );
    const { AlarmHistoryItems } = await client.send(
      new DescribeAlarmHistoryCommand({ AlarmName: 'fixture-share' }),
    );
    expect(AlarmHistoryItems?.some(({ HistorySummary }) => HistorySummary?.endsWith('to ALARM'))).toBe(true);
    const { MetricAlarms, CompositeAlarms } = await client.send(
      new DescribeAlarmsCommand({
        AlarmNamePrefix: 'fixture-',
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      }),
    );
    expect(MetricAlarms?.map(({ AlarmName }) => AlarmName).toSorted()).toEqual([
      'fixture-crowded',
      'fixture-hot',
      'fixture-memory',
      'fixture-share',
    ]);
    expect(MetricAlarms?.find(({ AlarmName }) => AlarmName === 'fixture-hot')).toMatchObject({
      MetricName: 'Heat',
      Statistic: 'Maximum',
      Threshold: 200,
      TreatMissingData: 'notBreaching',
      StateUpdatedTimestamp: expect.any(Date),
    });
    expect(CompositeAlarms).toHaveLength(1);
    await expect(
      client.send(new SetAlarmStateCommand({ AlarmName: 'none', StateValue: 'OK', StateReason: '' })),
    ).rejects.toThrow('There is no alarm none.');
  });

  it('switches the actions of alarms off and on', async () => {
    const AlarmNames = ['fixture-memory'];
    const enabled = async () => {
      const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames }));
      return MetricAlarms?.map(({ ActionsEnabled }) => ActionsEnabled);
    };
    expect(await enabled()).toEqual([true]);
    await client.send(new DisableAlarmActionsCommand({ AlarmNames }));
    expect(await enabled()).toEqual([false]);
    await client.send(new EnableAlarmActionsCommand({ AlarmNames }));
    expect(await enabled()).toEqual([true]);
  });

  it('refuses what is wrong or not imitated, with the reason', async () => {
    const ask = (Expression: string) =>
      client.send(
        new GetMetricDataCommand({
          StartTime: new Date(),
          EndTime: new Date(),
          MetricDataQueries: [{ Id: 'e', Expression }],
        }),
      );
    await expect(ask('SEARCH("x", "Sum")')).rejects.toThrow('the function SEARCH is not imitated');
    await expect(ask('m + 1')).rejects.toThrow('there is no metric m');
  });
});
