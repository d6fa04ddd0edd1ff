import { type Assembly, asList, at, type LocatedResource, resources, target } from '../template.ts';
import { refusesPlainHttp, statementsFor } from './statements.ts';

const FOURTEEN_DAYS = 14 * 24 * 3600;

interface Queue extends LocatedResource {
  readonly isDeadLetterQueue: boolean;
}

function queues(assembly: Assembly): Queue[] {
  const deadLetterTargets = new Set([
    ...resources(assembly, 'AWS::SQS::Queue').map(
      ({ stack, resource }) =>
        `${stack.id}/${target(at(resource.Properties, 'RedrivePolicy', 'deadLetterTargetArn'))}`,
    ),
    ...resources(assembly, 'AWS::Events::Rule').flatMap(({ stack, resource }) =>
      asList(at(resource.Properties, 'Targets')).map(
        (ruleTarget) => `${stack.id}/${target(at(ruleTarget, 'DeadLetterConfig', 'Arn'))}`,
      ),
    ),
  ]);
  return resources(assembly, 'AWS::SQS::Queue').map((queue) => ({
    ...queue,
    isDeadLetterQueue: deadLetterTargets.has(queue.where),
  }));
}

/** Every queue that is not a dead-letter queue hands its failures to one, not before the fifth receive. */
export function queuesRedrive(assembly: Assembly): string[] {
  const all = queues(assembly);
  return all
    .filter((queue) => !queue.isDeadLetterQueue)
    .flatMap(({ stack, where, resource }) => {
      const policy = at(resource.Properties, 'RedrivePolicy');
      if (policy === undefined) return [`${where} has no redrive policy`];
      const deadLetters = `${stack.id}/${target(at(policy, 'deadLetterTargetArn'))}`;
      const findings: string[] = [];
      if (Number(at(policy, 'maxReceiveCount')) < 5)
        findings.push(`${where} gives up before the fifth receive`);
      if (!all.some((queue) => queue.where === deadLetters)) findings.push(`${where} redrives to no queue`);
      return findings;
    });
}

/** A dead-letter queue keeps messages as long as SQS can, and so longer than any queue that fills it. */
export function deadLettersAreKept(assembly: Assembly): string[] {
  return queues(assembly).flatMap(({ where, resource, isDeadLetterQueue }) => {
    const seconds = Number(at(resource.Properties, 'MessageRetentionPeriod') ?? 4 * 24 * 3600);
    if (isDeadLetterQueue && seconds !== FOURTEEN_DAYS)
      return [`${where} keeps dead letters for ${seconds} s only`];
    if (!isDeadLetterQueue && seconds >= FOURTEEN_DAYS) return [`${where} leaves its dead letters no time`];
    return [];
  });
}

/** A dead-letter queue has an alarm for its depth, any other queue one for its oldest message. */
export function queuesHaveAlarms(assembly: Assembly): string[] {
  return queues(assembly).flatMap(({ stack, logicalId, where, isDeadLetterQueue }) => {
    const metric = isDeadLetterQueue ? 'ApproximateNumberOfMessagesVisible' : 'ApproximateAgeOfOldestMessage';
    const watched = resources(assembly, 'AWS::CloudWatch::Alarm').some(
      (alarm) =>
        alarm.stack === stack &&
        at(alarm.resource.Properties, 'MetricName') === metric &&
        target(at(alarm.resource.Properties, 'Dimensions', 0, 'Value')) === logicalId,
    );
    return watched ? [] : [`${where} has no alarm on ${metric}`];
  });
}

/** Every queue is encrypted and refuses plain HTTP. */
export function queuesAreEncrypted(assembly: Assembly): string[] {
  return queues(assembly).flatMap((queue) => {
    const { where, resource } = queue;
    const findings: string[] = [];
    if (
      at(resource.Properties, 'SqsManagedSseEnabled') !== true &&
      at(resource.Properties, 'KmsMasterKeyId') === undefined
    ) {
      findings.push(`${where} is not encrypted`);
    }
    if (!statementsFor(queue, 'AWS::SQS::QueuePolicy', 'Queues').some(refusesPlainHttp)) {
      findings.push(`${where} accepts plain HTTP`);
    }
    return findings;
  });
}

/**
 * Every target of an EventBridge rule retries, and keeps what it could not deliver in a queue that exists. A schedule
 * need not: its next event makes up for the last.
 */
export function rulesKeepUndelivered(assembly: Assembly): string[] {
  return resources(assembly, 'AWS::Events::Rule').flatMap(({ stack, where, resource }) =>
    asList(at(resource.Properties, 'Targets')).flatMap((ruleTarget) => {
      const findings: string[] = [];
      if (at(ruleTarget, 'RetryPolicy', 'MaximumRetryAttempts') === undefined) {
        findings.push(`${where} has a target without a retry policy`);
      }
      if (at(resource.Properties, 'ScheduleExpression') !== undefined) return findings;
      const deadLetters = target(at(ruleTarget, 'DeadLetterConfig', 'Arn')) ?? '';
      if (stack.template.Resources[deadLetters]?.Type !== 'AWS::SQS::Queue') {
        findings.push(`${where} drops events it cannot deliver`);
      }
      return findings;
    }),
  );
}
