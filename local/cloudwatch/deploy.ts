import type { DeployedResource } from '../assembly/deployment.ts';
import type { BackingService } from '../backing.ts';
import type { Authoriser } from '../iam/authoriser.ts';
import type { FunctionDirectory } from '../lambda/directory.ts';
import type { Logs } from '../logs.ts';
import type { MessageBroker } from '../sqs/broker.ts';
import type { Topics } from '../sqs/topics.ts';
import type { Timeline } from '../timeline.ts';
import { AlarmActions } from './alarms/actions.ts';
import { Alarms } from './alarms/alarms.ts';
import { announcement, logLine } from './alarms/announcement.ts';
import { type AlarmDefinition, readAlarm } from './alarms/definition.ts';
import { functionActions, topicActions } from './alarms/resolvers.ts';
import { alarmsOf } from './alarms/rule.ts';
import type { MetricStore } from './metrics.ts';
import { Collector } from './sources/collector.ts';
import { isKnown } from './sources/known.ts';
import { queueMetrics } from './sources/queues.ts';

export interface CloudWatchOptions {
  readonly resources: readonly DeployedResource[];
  /** Alarms that services make for themselves, beside those of the templates. */
  readonly made: readonly AlarmDefinition[];
  readonly timeline: Timeline;
  readonly store: MetricStore;
  readonly broker: MessageBroker;
  readonly functions: FunctionDirectory;
  readonly authoriser: Authoriser;
  readonly backing: readonly BackingService[];
  readonly topics: Topics;
  readonly logs: Logs;
  /** Told what people should hear of. */
  readonly onAlarm: (line: string) => void;
}

/** The alarms of a deployment, and what measures the services for them. */
export class CloudWatch {
  readonly alarms: Alarms;
  /** Where services put what alarms may do. */
  readonly actions = new AlarmActions();
  readonly #definitions: readonly AlarmDefinition[];
  readonly #refused: readonly string[];
  readonly #collector: Collector;

  constructor(options: CloudWatchOptions) {
    const { timeline, store, broker, functions, authoriser, backing, topics, logs, onAlarm } = options;
    const log = logs.of('alarms');
    const { definitions: described, refused } = readAlarms(options.resources);
    const definitions = [...described, ...options.made];
    this.#definitions = definitions;
    this.#refused = refused;
    this.actions.registerResolver(functionActions(functions, authoriser));
    this.actions.registerResolver(topicActions({ broker, authoriser, topics }));
    this.alarms = new Alarms({
      timeline,
      store,
      definitions,
      actions: this.actions,
      log,
      onChange: (change) => {
        log(logLine(change));
        const line = this.alarms.switches.isOn(change.alarm.name) ? announcement(change) : undefined;
        if (line !== undefined) onAlarm(line);
      },
    });
    const sources = [
      queueMetrics(() => broker.queueLoads(), timeline),
      ...backing.map((service) => () => service.measure()),
    ];
    this.#collector = new Collector({ timeline, store }, sources, log);
  }

  /** What of the alarms is not imitated, one line each; to be asked once every service has put its actions there. */
  notImitated(): string[] {
    const names = new Set(this.#definitions.map(({ name }) => name));
    return [
      ...this.#refused,
      ...this.#definitions.flatMap((alarm) => [
        ...missingMetrics(alarm).map((metric) => `the metric ${metric} (${alarm.name})`),
        ...missingAlarms(alarm, names).map((other) => `the alarm ${other} (${alarm.name})`),
        ...Object.values(alarm.actions)
          .flat()
          .filter((arn) => this.actions.find(arn) === undefined)
          .map((arn) => `the alarm action ${arn} (${alarm.name})`),
      ]),
    ];
  }

  /** @returns how to stop it */
  start(): () => Promise<void> {
    this.#collector.start();
    this.alarms.start();
    return async () => {
      this.alarms.stop();
      await this.#collector.stop();
    };
  }
}

function readAlarms(resources: readonly DeployedResource[]): {
  definitions: AlarmDefinition[];
  refused: string[];
} {
  const definitions: AlarmDefinition[] = [];
  const refused: string[] = [];
  for (const resource of resources) {
    const { type, identity } = resource;
    if (type !== 'AWS::CloudWatch::Alarm' && type !== 'AWS::CloudWatch::CompositeAlarm') continue;
    try {
      definitions.push(readAlarm(resource));
    } catch (error) {
      refused.push(`the alarm ${identity.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { definitions, refused };
}

/** What an alarm looks at that no service here has: without it the alarm never rings. */
function missingMetrics(alarm: AlarmDefinition): string[] {
  if (alarm.kind !== 'metric') return [];
  return alarm.queries.flatMap((query) =>
    query.kind === 'statistic' && !isKnown(query.metric)
      ? [`${query.metric.namespace} ${query.metric.name}`]
      : [],
  );
}

function missingAlarms(alarm: AlarmDefinition, names: ReadonlySet<string>): string[] {
  if (alarm.kind !== 'composite') return [];
  const { rule, suppression } = alarm;
  const named = suppression === undefined ? alarmsOf(rule) : [...alarmsOf(rule), suppression.suppressor];
  return named.filter((name) => !names.has(name));
}
