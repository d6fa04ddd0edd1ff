import { bucketArn } from '../assembly/identity.ts';
import { AwsError } from '../auth/errors.ts';
import type { Tables } from '../dynamodb/tables.ts';
import { dynamodbAccesses, snsAccesses, sqsAccesses } from '../iam/accesses.ts';
import type { Access, Authoriser } from '../iam/authoriser.ts';
import { addressOf, type S3Request } from '../s3/request.ts';
import type { S3Service } from '../s3/service.ts';
import type { MessageBroker } from '../sqs/broker.ts';
import { withGroupAsAttribute } from '../sqs/message-group.ts';
import type { Topics } from '../sqs/topics.ts';
import { withTraceAsAttribute } from '../sqs/trace-header.ts';
import { type FrontRequest, parseJsonBody, type Service } from './server.ts';

/** S3 behind the signature: every operation asks the authoriser for itself. */
export function s3Front(s3: S3Service, authoriser: Authoriser): Service {
  return async ({ id, authentication, incoming, method, path, query }, response) => {
    const { principal, payloadHash } = authentication;
    const request: S3Request = {
      ...addressOf(path, incoming.headers.host),
      method,
      query,
      headers: incoming.headers,
      body: incoming,
      payloadHash,
      requestId: id,
      requester: principal.arn,
      authorise: (action, resource, context = {}) =>
        authoriser.authorise(principal, {
          action,
          resource: resource === '*' ? '*' : bucketArn(resource),
          policyHolder: bucketArn(resource.split('/')[0] ?? ''),
          context,
        }),
    };
    await s3.handle(request, response);
  };
}

/** SQS behind the signature and the authoriser. Queues come from the templates: clients create and delete none. */
export function sqsFront(broker: MessageBroker, authoriser: Authoriser, endpoint: string): Service {
  return async (request, response) => {
    const operation = operationOf(request, 'AmazonSQS');
    const body = parseJsonBody(request.body);
    await authorise(request, authoriser, sqsAccesses(operation, body));
    if (operation === 'CreateQueue' || operation === 'DeleteQueue') throw fromTemplates('Queues');
    const answer = await broker.forward(
      { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
      JSON.stringify(withGroupAsAttribute(operation, withTraceAsAttribute(operation, body))),
    );
    // The broker keeps the URL a queue was created with, which may have been at another port.
    const text =
      operation.endsWith('QueueUrl') || operation === 'ListQueues'
        ? rebase(answer.body, endpoint)
        : answer.body;
    response.writeHead(answer.status, answer.headers).end(text);
  };
}

/** DynamoDB behind the signature and the authoriser. */
export function dynamodbFront(tables: Tables, authoriser: Authoriser): Service {
  return async (request, response) => {
    const operation = operationOf(request, 'DynamoDB_20120810');
    await authorise(request, authoriser, dynamodbAccesses(operation, parseJsonBody(request.body)));
    if (operation === 'CreateTable' || operation === 'DeleteTable') throw fromTemplates('Tables');
    const answer = await tables.forward(`DynamoDB_20120810.${operation}`, request.body);
    response.writeHead(answer.status, { ...answer.headers, 'content-type': 'application/x-amz-json-1.0' });
    response.end(answer.body);
  };
}

/** SNS behind the signature and the authoriser, and behind the key of an encrypted topic. */
export function snsFront(broker: MessageBroker, authoriser: Authoriser, topics: Topics): Service {
  return async (request, response) => {
    const form = new URLSearchParams(request.body.toString());
    const operation = form.get('Action') ?? '';
    await authorise(request, authoriser, snsAccesses(form, topics.keyOf));
    if (operation === 'CreateTopic' || operation === 'DeleteTopic') throw fromTemplates('Topics');
    const answer = await broker.forward(
      { 'content-type': 'application/x-www-form-urlencoded' },
      form.toString(),
    );
    if (operation.startsWith('Publish') && answer.status === 200) {
      topics.onPublished(form.get('TopicArn') ?? '', form);
    }
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };
}

async function authorise(
  { authentication }: FrontRequest,
  authoriser: Authoriser,
  accesses: readonly Access[],
): Promise<void> {
  for (const access of accesses) await authoriser.authorise(authentication.principal, access);
}

function operationOf({ incoming }: FrontRequest, prefix: string): string {
  const [service, operation] = String(incoming.headers['x-amz-target'] ?? '').split('.');
  if (service === prefix && operation !== undefined) return operation;
  throw new AwsError(400, 'UnknownOperationException', `There is no operation ${service}.${operation}.`);
}

function fromTemplates(what: string): AwsError {
  return new AwsError(
    403,
    'AccessDenied',
    `${what} come from the templates and cannot be created or deleted here.`,
  );
}

function rebase(body: string, endpoint: string): string {
  return body.replaceAll(/http:\/\/[^/"]+\/(?=\d{12}\/)/g, `${endpoint}/`);
}
