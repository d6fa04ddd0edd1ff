import { Stack } from 'aws-cdk-lib';
import {
  Alarm,
  type ComparisonOperator,
  type IMetric,
  type TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

/** `page`: users are hurt now, or something is about to be lost. `ticket`: soon, or too often, and not before the morning. */
export type Severity = 'page' | 'ticket';

/** What the person woken by an alarm reads first. */
export interface AlarmText {
  /** One sentence: who notices what when this goes on. */
  readonly impact: string;
  /** One sentence: what to do first. */
  readonly firstAction: string;
  /** Anchor of the alarm's entry in the runbook, such as `analysis-queue-dead-letters`. */
  readonly runbook: string;
  readonly severity: Severity;
}

export interface OperationalAlarmProps extends AlarmText {
  readonly metric: IMetric;
  readonly threshold: number;
  readonly comparisonOperator: ComparisonOperator;
  readonly evaluationPeriods: number;
  /** How many of the periods have to breach; all of them when absent. */
  readonly datapointsToAlarm?: number;
  /** Required: CloudWatch's default leaves an alarm without data in a third state that nobody looks at. */
  readonly treatMissingData: TreatMissingData;
  /** Last part of the name, where several alarms share an entry of the runbook. */
  readonly part?: string;
  /** Who hears of a ticket. */
  readonly alerts: ITopic;
}

const RUNBOOK = 'docs/operations.md';

/**
 * An alarm that says what is broken and what to do. A ticket tells the alert topic, also when it is over; a page tells
 * nobody by itself but is part of one of the composite alarms, so that whoever is on call is woken once for what users
 * feel and not once for each of its causes. Its name starts with that of its stack: the topics accept no other.
 *
 * @throws Error when impact or first action is not a sentence, or the runbook anchor is not one
 */
export class OperationalAlarm extends Alarm {
  /** The alarm's name as it is deployed, without a reference to its stack. */
  readonly fixedName: string;
  readonly runbook: string;
  readonly severity: Severity;

  constructor(scope: Construct, id: string, props: OperationalAlarmProps) {
    const { alerts, part, impact, firstAction, runbook, severity, ...alarm } = props;
    const fixedName = [Stack.of(scope).stackName, runbook, ...(part === undefined ? [] : [part])].join('-');
    super(scope, id, {
      ...alarm,
      alarmName: fixedName,
      alarmDescription: describeAlarm(id, props),
      // Of a handful of requests the slowest are no percentile.
      ...(isPercentile(props.metric) && { evaluateLowSampleCountPercentile: 'ignore' }),
    });
    this.fixedName = fixedName;
    this.runbook = runbook;
    this.severity = severity;
    if (severity === 'page') return;
    const notify = new SnsAction(alerts);
    this.addAlarmAction(notify);
    this.addOkAction(notify);
  }
}

function isPercentile(metric: IMetric): boolean {
  return /^p\d/.test(metric.toMetricConfig().metricStat?.statistic ?? '');
}

/**
 * What an alarm says of itself wherever it is read.
 *
 * @throws Error when impact or first action is not a sentence, or the runbook anchor is not one
 */
export function describeAlarm(id: string, { impact, firstAction, runbook, severity }: AlarmText): string {
  requireSentence(id, 'impact', impact);
  requireSentence(id, 'first action', firstAction);
  if (!/^[a-z0-9]+(-[a-z0-9]+)+$/.test(runbook)) {
    throw new Error(
      `Alarm ${id}: the runbook anchor "${runbook}" is not one of lower-case words and hyphens.`,
    );
  }
  return `Impact: ${impact} First action: ${firstAction} Severity: ${severity}. Runbook: ${RUNBOOK}#${runbook}`;
}

function requireSentence(id: string, field: string, text: string): void {
  if (!/^[A-Z].*\.$/.test(text) || text.split(/\s+/).length < 4) {
    throw new Error(`Alarm ${id}: the ${field} has to be a sentence that helps at 3 a.m., not "${text}".`);
  }
}
