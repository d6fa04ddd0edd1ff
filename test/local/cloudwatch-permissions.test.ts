import {
  CloudWatchClient,
  DisableAlarmActionsCommand,
  GetMetricDataCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AlarmActions } from '../../local/cloudwatch/alarms/actions.ts';
import { Alarms } from '../../local/cloudwatch/alarms/alarms.ts';
import { cloudwatchFront } from '../../local/cloudwatch/api/front.ts';
import { MetricStore } from '../../local/cloudwatch/metrics.ts';
import { Timeline } from '../../local/timeline.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { granting, serve, type Wire } from './wire.ts';

const directory = temporaryDirectory();
let wire: Wire;
let reader: CloudWatchClient;

beforeAll(async () => {
  const timeline = new Timeline();
  const store = new MetricStore(timeline);
  const nothing = (): void => undefined;
  const actions = new AlarmActions();
  const alarms = new Alarms({ timeline, store, actions, definitions: [], onChange: nothing, log: nothing });
  const authoriser = granting({
    reader: [
      { Action: 'cloudwatch:GetMetricData', Resource: '*' },
      { Action: 'cloudwatch:SetAlarmState', Resource: 'arn:aws:cloudwatch:*:*:alarm:mine-*' },
    ],
  });
  wire = await serve(directory.path, { monitoring: cloudwatchFront({ store, alarms, authoriser }) });
  reader = new CloudWatchClient(wire.as('reader'));
});
afterAll(async () => {
  reader.destroy();
  await wire.close();
  directory.remove();
});

describe('a role at CloudWatch', () => {
  it('may do what its policies let it, on the alarms they name', async () => {
    const now = new Date();
    const ask = new GetMetricDataCommand({ StartTime: now, EndTime: now, MetricDataQueries: [] });
    expect((await reader.send(ask)).MetricDataResults).toEqual([]);
    const set = (AlarmName: string) =>
      reader.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason: 'a test' }));
    await expect(set('mine-1')).rejects.toThrow('There is no alarm mine-1.');
    await expect(set('other')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('cloudwatch:SetAlarmState'),
    });
  });

  it('may do nothing else', async () => {
    const mute = new DisableAlarmActionsCommand({ AlarmNames: ['mine-1'] });
    await expect(reader.send(mute)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const put = new PutMetricDataCommand({ Namespace: 'mine', MetricData: [{ MetricName: 'a', Value: 1 }] });
    await expect(reader.send(put)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
