import { Duration, Validations } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { HEARTBEAT } from '../../lambdas/contracts/heartbeat.ts';
import type { LiveAlias } from '../constructs/live-alias.ts';

const EVERY = Duration.minutes(1);

/** Calls aliases once a minute, so that scaling knows of them also when nobody else does; five at most. */
export function addHeartbeats(scope: Construct, aliases: readonly LiveAlias[]): void {
  const rule = new Rule(scope, 'Heartbeats', {
    description: 'Keep the metrics of ready environments coming, so that idle ones are given back',
    schedule: Schedule.rate(EVERY),
    targets: aliases.map(
      ({ callable }) =>
        new LambdaFunction(callable, {
          event: RuleTargetInput.fromObject(HEARTBEAT),
          maxEventAge: EVERY,
          retryAttempts: 0,
        }),
    ),
  });
  Validations.of(rule).acknowledge({
    id: 'Serverless-EventBusDLQ',
    reason:
      'A heartbeat that was not delivered is made up for by the next, and missed by the alarm on errors.',
  });
}
