import { z } from 'zod';
import type { JsonObject } from '../assembly/json.ts';
import type { Authoriser } from '../iam/authoriser.ts';
import type { FunctionDirectory } from '../lambda/directory.ts';
import type { MessageBroker } from '../sqs/broker.ts';
import { inputSchema, targetInput } from './transform.ts';

export const targetSchema = inputSchema.extend({
  Arn: z.string(),
  DeadLetterConfig: z.looseObject({ Arn: z.string().optional() }).optional(),
  SqsParameters: z.looseObject({ MessageGroupId: z.string().optional() }).optional(),
});

export type Target = z.infer<typeof targetSchema>;

/** Who delivers, and how a target lets it. */
export interface Source {
  /** ARN of the rule or schedule. */
  readonly arn: string;
  may(action: string, resource: string): Promise<boolean>;
}

export interface DeliveryOptions {
  readonly broker: MessageBroker;
  readonly authoriser: Authoriser;
  readonly functions: FunctionDirectory;
  /** URL of a queue of the deployment by its ARN. */
  readonly queueUrl: (arn: string) => string | undefined;
  /** Told of every event, whether its target got it. */
  readonly onDelivered: (sourceArn: string, delivered: boolean) => void;
  readonly log: (line: string) => void;
}

/** Hands events to queues and functions, and to a dead-letter queue what those refuse. */
export class Delivery {
  readonly #options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Whether a target can be delivered to here at all. */
  knows({ Arn }: Target): boolean {
    return this.#options.functions.find(Arn) !== undefined || this.#options.queueUrl(Arn) !== undefined;
  }

  async deliver(event: JsonObject, target: Target, source: Source): Promise<void> {
    const input = targetInput(event, target);
    const lambda = this.#options.functions.find(target.Arn)?.lambda;
    if (lambda === undefined) return this.#send(input, target, source);
    if (await source.may('lambda:InvokeFunction', target.Arn)) {
      // An event is over for whoever sent it once Lambda has it.
      void lambda.invokeWhenFree(input, target.Arn);
      this.#options.onDelivered(source.arn, true);
      return;
    }
    await this.#giveUp(input, target, source, 'its function’s policy does not allow it to be invoked');
  }

  async #send(input: string, target: Target, source: Source): Promise<void> {
    const url = this.#options.queueUrl(target.Arn);
    if (url === undefined) return this.#giveUp(input, target, source, 'there is no such target');
    if (!(await source.may('sqs:SendMessage', target.Arn))) {
      return this.#giveUp(input, target, source, 'its queue’s policy does not allow messages from it');
    }
    const group = target.SqsParameters?.MessageGroupId;
    await this.#options.broker.sqs('SendMessage', {
      QueueUrl: url,
      MessageBody: input,
      ...(group === undefined ? {} : { MessageGroupId: group }),
    });
    this.#options.onDelivered(source.arn, true);
  }

  /** A refusal is not retried: EventBridge does so only for what may pass. */
  async #giveUp(input: string, target: Target, source: Source, why: string): Promise<void> {
    const { broker, queueUrl, log, onDelivered } = this.#options;
    onDelivered(source.arn, false);
    const deadLetters = target.DeadLetterConfig?.Arn;
    const url = deadLetters === undefined ? undefined : queueUrl(deadLetters);
    log(
      `${source.arn} could not deliver to ${target.Arn}: ${why}${url === undefined ? '; the event is lost' : ''}`,
    );
    if (deadLetters === undefined || url === undefined) return;
    if (!(await source.may('sqs:SendMessage', deadLetters))) {
      log(`${source.arn} may not send to its dead-letter queue ${deadLetters} either; the event is lost`);
      return;
    }
    const attribute = (text: string): JsonObject => ({ DataType: 'String', StringValue: text });
    await broker.sqs('SendMessage', {
      QueueUrl: url,
      MessageBody: input,
      MessageAttributes: {
        ERROR_CODE: attribute('NO_PERMISSIONS'),
        ERROR_MESSAGE: attribute(why),
        RULE_ARN: attribute(source.arn),
        TARGET_ARN: attribute(target.Arn),
      },
    });
  }
}

/** A rule, which targets have to let in by their own policies. */
export function ruleSource(arn: string, authoriser: Authoriser): Source {
  return {
    arn,
    may: (action, resource) => authoriser.serviceMay('events.amazonaws.com', arn, { action, resource }),
  };
}

/** A schedule, which acts as a role. */
export function scheduleSource(arn: string, role: string, authoriser: Authoriser): Source {
  return { arn, may: (action, resource) => authoriser.roleMay(role, { action, resource }) };
}
