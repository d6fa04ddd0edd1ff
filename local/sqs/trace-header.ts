import { isJsonObject, type JsonObject } from '../assembly/json.ts';

const NAME = 'AWSTraceHeader';

/** A request of SQS with the system attribute for traces, which the broker does not know, among the message's own. */
export function withTraceAsAttribute(operation: string, request: JsonObject): JsonObject {
  if (operation === 'SendMessage') return moved(request, 'MessageSystemAttributes', 'MessageAttributes');
  const { Entries } = request;
  if (operation !== 'SendMessageBatch' || !Array.isArray(Entries)) return request;
  return {
    ...request,
    Entries: Entries.map((entry) =>
      isJsonObject(entry) ? moved(entry, 'MessageSystemAttributes', 'MessageAttributes') : entry,
    ),
  };
}

/** An answer of SQS with the trace of each message among the attributes of the system again. */
export function withTraceAsSystemAttribute(operation: string, answer: JsonObject): JsonObject {
  const { Messages } = answer;
  if (operation !== 'ReceiveMessage' || !Array.isArray(Messages)) return answer;
  return { ...answer, Messages: Messages.map((one) => (isJsonObject(one) ? restored(one) : one)) };
}

function moved(message: JsonObject, from: string, to: string): JsonObject {
  const header = attribute(message, from);
  if (header === undefined) return message;
  const known = message[to];
  return { ...message, [to]: { ...(isJsonObject(known) ? known : {}), [NAME]: header } };
}

function restored(message: JsonObject): JsonObject {
  const header = attribute(message, 'MessageAttributes');
  if (header === undefined) return message;
  const { MessageAttributes, MD5OfMessageAttributes: _, Attributes, ...rest } = message;
  const { [NAME]: __, ...own } = isJsonObject(MessageAttributes) ? MessageAttributes : {};
  const value = header['StringValue'];
  return {
    ...rest,
    ...(Object.keys(own).length > 0 && { MessageAttributes: own }),
    Attributes: {
      ...(isJsonObject(Attributes) ? Attributes : {}),
      ...(value !== undefined && { [NAME]: value }),
    },
  };
}

function attribute(message: JsonObject, among: string): JsonObject | undefined {
  const attributes = message[among];
  const found = isJsonObject(attributes) ? attributes[NAME] : undefined;
  return isJsonObject(found) ? found : undefined;
}
