import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { arn } from '../../account.ts';
import { AwsError } from '../../auth/errors.ts';
import type { FrontRequest, Service } from '../../front/server.ts';
import type { Access, Authoriser } from '../../iam/authoriser.ts';
import type { Alarms } from '../alarms/alarms.ts';
import type { MetricStore } from '../metrics.ts';
import {
  describeAlarmHistory,
  describeAlarms,
  enableAlarmActions,
  setAlarmState,
} from './alarm-operations.ts';
import { parseInput } from './input.ts';
import { getMetricData, getMetricStatistics, listMetrics, putMetricData } from './metric-operations.ts';
import { type Call, type Output, readCall } from './wire.ts';

export interface CloudWatchFrontOptions {
  readonly store: MetricStore;
  readonly alarms: Alarms;
  readonly authoriser: Authoriser;
}

/** CloudWatch behind the signature and the authoriser. Alarms come from the templates: clients make and delete none. */
export function cloudwatchFront({ store, alarms, authoriser }: CloudWatchFrontOptions): Service {
  const operations: Readonly<Record<string, (input: unknown) => Output>> = {
    DescribeAlarmHistory: (input) => describeAlarmHistory(alarms, input),
    DescribeAlarms: (input) => describeAlarms(alarms, input),
    DisableAlarmActions: (input) => enableAlarmActions(alarms, input, false),
    EnableAlarmActions: (input) => enableAlarmActions(alarms, input, true),
    GetMetricData: (input) => getMetricData(store, input),
    GetMetricStatistics: (input) => getMetricStatistics(store, input),
    ListMetrics: (input) => listMetrics(store, input),
    PutMetricData: (input) => putMetricData(store, input),
    SetAlarmState: (input) => setAlarmState(alarms, input),
  };
  const serve = async (request: FrontRequest, response: ServerResponse, call: Call): Promise<void> => {
    const operation = Object.hasOwn(operations, call.operation) ? operations[call.operation] : undefined;
    if (operation === undefined)
      throw new AwsError(501, 'NotImplemented', `${call.operation} of CloudWatch is not imitated.`);
    for (const access of accessesOf(call))
      await authoriser.authorise(request.authentication.principal, access);
    call.answer(response, operation(call.input));
  };
  return async (request, response) => {
    const call = await readCall(request);
    try {
      await serve(request, response, call);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      call.refuse(response, error);
    }
  };
}

const namedSchema = z.looseObject({
  AlarmName: z.string().default('*'),
  AlarmNames: z.array(z.string()).nullish(),
  Namespace: z.string().default('*'),
});

function accessesOf({ operation, input }: Call): Access[] {
  const action = `cloudwatch:${operation}`;
  const { AlarmName, AlarmNames, Namespace } = parseInput(namedSchema, input);
  switch (operation) {
    case 'SetAlarmState':
    case 'DescribeAlarmHistory':
      return [{ action, resource: arn('cloudwatch', `alarm:${AlarmName}`) }];
    case 'DisableAlarmActions':
    case 'EnableAlarmActions':
      return (AlarmNames ?? []).map((name) => ({ action, resource: arn('cloudwatch', `alarm:${name}`) }));
    case 'DescribeAlarms':
      return [{ action, resource: arn('cloudwatch', 'alarm:*') }];
    case 'PutMetricData':
      return [{ action, resource: '*', context: { 'cloudwatch:namespace': Namespace } }];
    default:
      return [{ action, resource: '*' }];
  }
}
