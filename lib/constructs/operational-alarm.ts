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
  /** Required: CloudWatch's default leaves an alarm without data in a third state that nobody looks at. */
  readonly treatMissingData: TreatMissingData;
  readonly alerts: ITopic;
}

const RUNBOOK = 'docs/infrastructure.md';

/**
 * An alarm that says what is broken and what to do, and tells someone, also when it is over. Its name starts with
 * that of its stack: the alert topic accepts no other.
 *
 * @throws Error when impact or first action is not a sentence, or the runbook anchor is not one
 */
export class OperationalAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: OperationalAlarmProps) {
    super(scope, id, {
      alarmName: `${Stack.of(scope).stackName}-${props.runbook}`,
      alarmDescription: describe(id, props),
      metric: props.metric,
      threshold: props.threshold,
      comparisonOperator: props.comparisonOperator,
      evaluationPeriods: props.evaluationPeriods,
      treatMissingData: props.treatMissingData,
    });
    const notify = new SnsAction(props.alerts);
    this.addAlarmAction(notify);
    this.addOkAction(notify);
  }
}

function describe(id: string, { impact, firstAction, runbook }: AlarmText): string {
  requireSentence(id, 'impact', impact);
  requireSentence(id, 'first action', firstAction);
  if (!/^[a-z0-9]+(-[a-z0-9]+)+$/.test(runbook)) {
    throw new Error(
      `Alarm ${id}: the runbook anchor "${runbook}" is not one of lower-case words and hyphens.`,
    );
  }
  return `Impact: ${impact} First action: ${firstAction} Runbook: ${RUNBOOK}#${runbook}`;
}

function requireSentence(id: string, field: string, text: string): void {
  if (!/^[A-Z].*\.$/.test(text) || text.split(/\s+/).length < 4) {
    throw new Error(`Alarm ${id}: the ${field} has to be a sentence that helps at 3 a.m., not "${text}".`);
  }
}
