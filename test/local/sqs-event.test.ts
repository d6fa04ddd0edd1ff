import { expect, it } from 'vitest';
import { handledMessages, receivedMessageSchema, sqsEvent } from '../../local/lambda/sqs-event.ts';

const messages = ['a', 'b', 'c'].map((id) =>
  receivedMessageSchema.parse({
    MessageId: id,
    ReceiptHandle: `handle-${id}`,
    Body: '{}',
    MD5OfBody: 'x',
    Attributes: { ApproximateReceiveCount: '1' },
    MessageAttributes: { traced: { DataType: 'String', StringValue: 'yes' } },
  }),
);

it.each([
  ['null', 'abc'],
  ['{}', 'abc'],
  ['{"batchItemFailures":null}', 'abc'],
  ['{"batchItemFailures":[]}', 'abc'],
  ['{"batchItemFailures":[{"itemIdentifier":"b"}]}', 'ac'],
  ['{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"},{"itemIdentifier":"c"}]}', ''],
  ['{"batchItemFailures":[{"itemIdentifier":"unknown"}]}', ''],
  ['{"batchItemFailures":[{"itemIdentifier":""}]}', ''],
  ['{"batchItemFailures":[{}]}', ''],
  ['{"batchItemFailures":"b"}', ''],
  ['"text"', ''],
])('takes the answer %s as having handled %j', (payload, handled) => {
  expect(
    handledMessages(messages, payload)
      .map(({ MessageId }) => MessageId)
      .join(''),
  ).toBe(handled);
});

it('words records as Lambda does', () => {
  expect(sqsEvent(messages.slice(0, 1), 'arn:aws:sqs:us-east-1:000000000000:q')).toEqual({
    Records: [
      {
        messageId: 'a',
        receiptHandle: 'handle-a',
        body: '{}',
        attributes: { ApproximateReceiveCount: '1' },
        messageAttributes: {
          traced: { dataType: 'String', stringValue: 'yes', stringListValues: [], binaryListValues: [] },
        },
        md5OfBody: 'x',
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:q',
        awsRegion: 'us-east-1',
      },
    ],
  });
});
