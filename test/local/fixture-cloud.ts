import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { sha256, signature } from '../../local/auth/sigv4.ts';
import { type LocalCloud, startLocalCloud } from '../../local/local-cloud.ts';
import { principalCredentials } from './s3-server.ts';

interface Invoked {
  readonly status: number;
  readonly failed: boolean;
  readonly answer: unknown;
}

export interface FixtureCloud {
  readonly cloud: LocalCloud;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly logs: string[];
  output(name: string): string;
  /** Invokes a function over the wire; its answer, and whether it is an error. */
  invoke(name: string, event: object): Promise<Invoked>;
  /** Attempts at a message, as the worker counted them. */
  attempts(id: string): Promise<number | undefined>;
  receive(queue: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** The local cloud running the app of `fixture/`, as it was synthesised. */
export async function startFixture(assembly: string, dataDirectory: string): Promise<FixtureCloud> {
  const logs: string[] = [];
  const cloud = await startLocalCloud({
    assembly,
    dataDirectory,
    ports: { aws: 0 },
    onLog: (source, line) => logs.push(`${source}: ${line}`),
  });
  const settings = {
    endpoint: cloud.endpoint,
    region: 'us-east-1',
    credentials: principalCredentials(cloud.developer),
  };
  const s3 = new S3Client(settings);
  const sqs = new SQSClient(settings);
  const dynamodb = new DynamoDBClient(settings);
  const output = (name: string): string => {
    const value = cloud.outputs['fixture-work']?.[name] ?? cloud.outputs['fixture-data']?.[name];
    if (typeof value !== 'string') throw new Error(`There is no output ${name}.`);
    return value;
  };
  return {
    cloud,
    s3,
    sqs,
    logs,
    output,
    invoke: (name, event) => invoke(cloud, output(name), event),
    attempts: async (id) => {
      const { Item } = await dynamodb.send(
        new GetItemCommand({ TableName: output('TableName'), Key: { pk: { S: id } } }),
      );
      return Item === undefined ? undefined : Number(Item['attempts']?.N);
    },
    receive: async (queue) => {
      const { Messages } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: output(queue), MessageAttributeNames: ['All'] }),
      );
      const [message] = Messages ?? [];
      if (message === undefined) return undefined;
      return JSON.parse(message.Body!);
    },
    stop: async () => {
      for (const client of [s3, sqs, dynamodb]) client.destroy();
      await cloud.stop();
    },
  };
}

async function invoke(cloud: LocalCloud, name: string, event: object): Promise<Invoked> {
  const { accessKeyId, secretAccessKey } = cloud.developer;
  const path = `/2015-03-31/functions/${name}/invocations`;
  const body = JSON.stringify(event);
  const date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${date.slice(0, 8)}/us-east-1/lambda/aws4_request`;
  const signedHeaders = ['host', 'x-amz-date'];
  const signed = signature(
    {
      method: 'POST',
      path,
      query: new URLSearchParams(),
      headers: { host: new URL(cloud.endpoint).host, 'x-amz-date': date },
      signedHeaders,
      payloadHash: sha256(body),
      scope,
      date,
    },
    secretAccessKey,
  );
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signed}`;
  const headers = { authorization, 'x-amz-date': date };
  const response = await fetch(cloud.endpoint + path, { method: 'POST', headers, body });
  return {
    status: response.status,
    failed: response.headers.has('x-amz-function-error'),
    answer: await response.json(),
  };
}
