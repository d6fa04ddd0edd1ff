import { arn } from '../account.ts';
import { isJsonObject, type Json, type JsonObject } from '../assembly/json.ts';
import type { Access } from './authoriser.ts';

// A batch needs the permission of what it is a batch of.
const SQS_BATCHES: Readonly<Record<string, string>> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

/** What a request to SQS asks permission for. */
export function sqsAccesses(operation: string, body: JsonObject): Access[] {
  const queue =
    String(body['QueueUrl'] ?? body['QueueName'] ?? '*')
      .split('/')
      .at(-1) ?? '*';
  return [{ action: `sqs:${SQS_BATCHES[operation] ?? operation}`, resource: arn('sqs', queue) }];
}

/** What a request to DynamoDB asks permission for: its operation on each table or index it names. */
export function dynamodbAccesses(operation: string, body: JsonObject): Access[] {
  const action = `dynamodb:${operation}`;
  const tables = tablesOf(body);
  if (tables.length === 0) return [{ action, resource: '*' }];
  const index = body['IndexName'];
  return tables.map((table) => ({
    action,
    resource: typeof index === 'string' ? `${tableArn(table)}/index/${index}` : tableArn(table),
    policyHolder: tableArn(table),
  }));
}

/**
 * What a request to SNS asks permission for.
 *
 * @param keyOf ARN of the key a topic is encrypted with, which a publisher has to be able to use
 */
export function snsAccesses(
  form: URLSearchParams,
  keyOf: (topicArn: string) => string | undefined,
): Access[] {
  const operation = form.get('Action') ?? '';
  const topic = form.get('TopicArn') ?? form.get('ResourceArn') ?? '*';
  const key = operation.startsWith('Publish') ? keyOf(topic) : undefined;
  return [
    { action: `sns:${operation === 'PublishBatch' ? 'Publish' : operation}`, resource: topic },
    ...(key === undefined
      ? []
      : ['kms:GenerateDataKey', 'kms:Decrypt'].map((action) => ({ action, resource: key }))),
  ];
}

function tablesOf(body: JsonObject): string[] {
  const { TableName, RequestItems } = body;
  if (typeof TableName === 'string') return [TableName];
  return isJsonObject(RequestItems) ? Object.keys(RequestItems) : [];
}

function tableArn(nameOrArn: Json): string {
  const text = String(nameOrArn);
  return text.startsWith('arn:') ? text : arn('dynamodb', `table/${text}`);
}
