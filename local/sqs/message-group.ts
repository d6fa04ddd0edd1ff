import type { buildApp } from 'fauxqs';
import { isJsonObject, type JsonObject } from '../assembly/json.ts';

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;
type Message = Parameters<ReturnType<Stores['sqsStore']['createQueue']>['enqueue']>[0];

/** An attribute that no client sends: it starts with what names of attributes may not start with. */
const NAME = 'AWS.MessageGroupId';

/** A request of SQS with the group of each message, which the broker drops on standard queues, among its attributes. */
export function withGroupAsAttribute(operation: string, request: JsonObject): JsonObject {
  if (operation === 'SendMessage') return added(request);
  const { Entries } = request;
  if (operation !== 'SendMessageBatch' || !Array.isArray(Entries)) return request;
  return { ...request, Entries: Entries.map((entry) => (isJsonObject(entry) ? added(entry) : entry)) };
}

/** Makes of the attribute what it stands for. */
export function takeGroup(message: Message): void {
  const group = message.messageAttributes[NAME]?.StringValue;
  if (group === undefined) return;
  const { [NAME]: _, ...own } = message.messageAttributes;
  // The digest was taken with the attribute; nobody has to send one.
  Object.assign(message, { messageGroupId: group, messageAttributes: own, md5OfMessageAttributes: '' });
}

function added(message: JsonObject): JsonObject {
  const { MessageGroupId: group, MessageAttributes: known } = message;
  if (typeof group !== 'string') return message;
  const attribute = { DataType: 'String', StringValue: group };
  return {
    ...message,
    MessageAttributes: { ...(isJsonObject(known) ? known : {}), [NAME]: attribute },
  };
}
