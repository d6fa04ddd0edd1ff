import { AlarmStatusWidget, type CompositeAlarm, type IWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { OperationalAlarm } from '../../constructs/operational-alarm.ts';
import type { ServiceFunction } from '../../constructs/service-function.ts';
import type { ObservabilityStackProps } from '../observability.ts';
import { errorWidgets, latencyWidgets, trafficWidgets } from './api.ts';
import { canaryWidgets, capacityWidgets } from './capacity.ts';
import { functionWidgets } from './functions.ts';
import { heading } from './graph.ts';
import { jobWidgets } from './jobs.ts';
import { deadLetterWidget, queueWidgets } from './queues.ts';
import { cacheWidgets, databaseWidgets } from './stores.ts';
import { webhookWidgets } from './webhooks.ts';

export interface DashboardProps extends Omit<ObservabilityStackProps, 'pages' | 'alerts'> {
  readonly alarms: readonly OperationalAlarm[];
  readonly pages: readonly CompositeAlarm[];
  readonly allFunctions: readonly ServiceFunction[];
}

/** Top to bottom: whether somebody is woken, what users feel, what the pipeline does, and what both stand on. */
export function dashboardRows(props: DashboardProps): IWidget[][] {
  const { stage, api, functions, queues } = props;
  const workers = {
    analysis: functions.planUpload,
    signature: functions.scanAndAnalyse,
    report: functions.writeReport,
  };
  const worked = { stage, queues, workers };
  return [
    [new TextWidget({ markdown: introduction(stage.name), width: 24, height: 3 })],
    ...alarmRows(props),
    [heading('Traffic')],
    trafficWidgets(api, stage),
    [heading('Errors')],
    errorWidgets(api, stage),
    [heading('Latency')],
    ...latencyWidgets(api, stage),
    [heading('Queues and workers')],
    ...queueWidgets(worked),
    [heading('Capacity decisions')],
    ...capacityWidgets(api, stage),
    [heading('Jobs')],
    ...jobWidgets(stage.deployment),
    [heading('Canary')],
    canaryWidgets(stage),
    [heading('Dead letters and deliveries')],
    [
      deadLetterWidget(worked, props.undeliveredUploads, props.webhooks),
      ...webhookWidgets(props.webhooks, stage.deployment),
    ],
    [heading('Cache')],
    ...cacheWidgets(props.cache, stage),
    [heading('Database')],
    ...databaseWidgets(props.database, stage),
    [heading('Functions')],
    ...functionWidgets(props.allFunctions, stage),
  ];
}

function alarmRows({ pages, alarms }: DashboardProps): IWidget[][] {
  const of = (severity: OperationalAlarm['severity']) =>
    alarms.filter((alarm) => alarm.severity === severity);
  return [
    [
      new AlarmStatusWidget({
        title: 'Pages: what wakes somebody',
        width: 24,
        height: 3,
        alarms: [...pages],
      }),
    ],
    [
      new AlarmStatusWidget({ title: 'What they are made of', width: 8, height: 8, alarms: of('page') }),
      new AlarmStatusWidget({ title: 'Tickets', width: 16, height: 8, alarms: of('ticket') }),
    ],
  ];
}

function introduction(stage: string): string {
  return [
    `# CreativeDynamics, ${stage}`,
    'Every alarm names its entry in `docs/operations.md`, which begins with **You were paged**. Read this page from the top:',
    'whether somebody is woken, what users feel (traffic, errors, latency), what the pipeline does (queues, jobs), and what both',
    'stand on (cache, database, functions).',
  ].join('\n');
}
