import type { Authoriser } from '../../iam/authoriser.ts';
import type { FunctionDirectory } from '../../lambda/directory.ts';
import type { MessageBroker } from '../../sqs/broker.ts';
import type { Topics } from '../../sqs/topics.ts';
import type { ActionResolver } from './actions.ts';
import { functionEvent, topicMessage } from './state-change.ts';

const FUNCTIONS_PRINCIPAL = 'lambda.alarms.cloudwatch.amazonaws.com';
const TOPICS_PRINCIPAL = 'cloudwatch.amazonaws.com';

/** Functions, by name, version or alias, whose policy has to let the alarm invoke them. */
export function functionActions(functions: FunctionDirectory, authoriser: Authoriser): ActionResolver {
  return (arn) => {
    const target = arn.includes(':lambda:') ? functions.find(arn) : undefined;
    if (target === undefined) return undefined;
    return async (change) => {
      const access = { action: 'lambda:InvokeFunction', resource: arn };
      if (!(await authoriser.serviceMay(FUNCTIONS_PRINCIPAL, change.alarm.arn, access)))
        throw new Error(`its policy does not let ${FUNCTIONS_PRINCIPAL} invoke it for this alarm`);
      // It is an event: over for the alarm once Lambda has it.
      void target.lambda.invokeWhenFree(JSON.stringify(functionEvent(change)), arn);
    };
  };
}

export interface TopicActions {
  readonly broker: MessageBroker;
  readonly authoriser: Authoriser;
  readonly topics: Topics;
}

/** Topics, whose policy has to let the alarm publish, and whose key has to be at its disposal. */
export function topicActions({ broker, authoriser, topics }: TopicActions): ActionResolver {
  return (arn) => {
    if (!topics.has(arn)) return undefined;
    return async (change) => {
      const key = topics.keyOf(arn);
      const accesses = [
        { action: 'sns:Publish', resource: arn },
        ...(key === undefined ? [] : ['kms:GenerateDataKey', 'kms:Decrypt']).map((action) => ({
          action,
          resource: key ?? '',
        })),
      ];
      for (const access of accesses) {
        if (await authoriser.serviceMay(TOPICS_PRINCIPAL, change.alarm.arn, access)) continue;
        throw new Error(`its policy does not let ${TOPICS_PRINCIPAL} ${access.action} for this alarm`);
      }
      const { subject: Subject, message: Message } = topicMessage(change);
      const form = { Action: 'Publish', TopicArn: arn, Subject, Message };
      await broker.sns(form);
      topics.onPublished(arn, new URLSearchParams(form));
    };
  };
}
