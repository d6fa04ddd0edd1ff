import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  GetQueueAttributesCommand,
  type QueueAttributeName,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type LocalCloud, startLocalCloud } from '../../local/local-cloud.ts';
import { outputOf } from '../../local/user.ts';
import { principalCredentials } from '../local/s3-server.ts';
import { temporaryDirectory } from '../local/temporary-directory.ts';

/** An object as it was put, by which its job is known. */
export interface Upload {
  readonly key: string;
  readonly version: string;
  readonly etag: string;
  readonly bytes: number;
}

export interface Answer {
  readonly failed: boolean;
  readonly payload: unknown;
}

/** Outputs that are URLs of queues. */
export type QueueOutput = `${'Analysis' | 'Signature' | 'Report'}${'Queue' | 'DeadLetters'}Url`;

interface Clients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly lambda: LambdaClient;
  readonly cloudwatch: CloudWatchClient;
}

/** The whole system on a local cloud of its own, as its users and operators reach it: through the AWS services. */
export class System {
  readonly #assembly: string;
  readonly #speed: number;
  readonly #directory = temporaryDirectory();
  #clients: Clients | undefined;
  #cloud: LocalCloud | undefined;
  /** What functions, topics and the local cloud have logged, by source. */
  readonly logs: { readonly source: string; readonly line: string }[] = [];

  /**
   * @param assembly directory of the synthesised app
   * @param speed of the time that metrics, alarms, schedules and scaling live in
   */
  constructor(assembly: string, speed = 1) {
    this.#assembly = assembly;
    this.#speed = speed;
  }

  async start(): Promise<void> {
    this.#cloud = await startLocalCloud({
      assembly: this.#assembly,
      dataDirectory: this.dataDirectory,
      ports: { aws: 0, api: 0 },
      speed: this.#speed,
      onLog: (source, line) => this.logs.push({ source, line }),
    });
    const { endpoint, developer } = this.#cloud;
    const access = { endpoint, region: 'us-east-1', credentials: principalCredentials(developer) };
    this.#clients = {
      s3: new S3Client({ ...access, forcePathStyle: true }),
      sqs: new SQSClient(access),
      dynamodb: new DynamoDBClient(access),
      lambda: new LambdaClient(access),
      cloudwatch: new CloudWatchClient(access),
    };
  }

  /** Stops everything, whatever is under way, and starts it again on the same data. */
  async restart(): Promise<void> {
    await this.#end();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#end();
    this.#directory.remove();
  }

  async #end(): Promise<void> {
    for (const client of Object.values(this.#clients ?? {})) client.destroy();
    await this.#cloud?.stop();
  }

  get dataDirectory(): string {
    return this.#directory.path;
  }

  get cloud(): LocalCloud {
    if (this.#cloud === undefined) throw new Error('The system has not started.');
    return this.#cloud;
  }

  get clients(): Clients {
    if (this.#clients === undefined) throw new Error('The system has not started.');
    return this.#clients;
  }

  get #bucket(): { Bucket: string } {
    return { Bucket: outputOf(this.cloud, 'DataBucketName') };
  }

  async put(key: string, body: Uint8Array): Promise<Upload> {
    const put = new PutObjectCommand({ ...this.#bucket, Key: key, Body: body });
    const { VersionId = '', ETag = '' } = await this.clients.s3.send(put);
    return { key, version: VersionId, etag: ETag.replaceAll('"', ''), bytes: body.length };
  }

  /** The text of an object; null when there is none. */
  async read(key: string): Promise<string | null> {
    try {
      const { Body } = await this.clients.s3.send(new GetObjectCommand({ ...this.#bucket, Key: key }));
      return (await Body?.transformToString()) ?? '';
    } catch (error) {
      if (error instanceof NoSuchKey) return null;
      throw error;
    }
  }

  /** Keys under a prefix, each with the version that is there: a key that was written again has another. */
  async versions(prefix: string): Promise<Record<string, string | undefined>> {
    const { Contents = [] } = await this.clients.s3.send(
      new ListObjectsV2Command({ ...this.#bucket, Prefix: prefix }),
    );
    const versions = Contents.map(async ({ Key = '' }) => {
      const { VersionId } = await this.clients.s3.send(new HeadObjectCommand({ ...this.#bucket, Key }));
      return [Key, VersionId] as const;
    });
    return Object.fromEntries(await Promise.all(versions));
  }

  async send(queue: QueueOutput, body: object): Promise<void> {
    const QueueUrl = outputOf(this.cloud, queue);
    await this.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(body) }));
  }

  /** Messages in a queue, those included that are being handled or wait for their next attempt. */
  async messages(queue: QueueOutput): Promise<number> {
    const { visible, handled } = await this.load(queue);
    return visible + handled;
  }

  /** Messages that wait for a worker, and those that are being handled or wait for their next attempt. */
  async load(queue: QueueOutput): Promise<{ readonly visible: number; readonly handled: number }> {
    const visible = await this.#attribute(queue, 'ApproximateNumberOfMessages');
    return { visible, handled: await this.#attribute(queue, 'ApproximateNumberOfMessagesNotVisible') };
  }

  /** How many seconds a message waits for its next attempt whose worker died. */
  visibility(queue: QueueOutput): Promise<number> {
    return this.#attribute(queue, 'VisibilityTimeout');
  }

  async setVisibility(queue: QueueOutput, seconds: number): Promise<void> {
    const QueueUrl = outputOf(this.cloud, queue);
    const Attributes = { VisibilityTimeout: String(seconds) };
    await this.clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  }

  async #attribute(queue: QueueOutput, name: QueueAttributeName): Promise<number> {
    const QueueUrl = outputOf(this.cloud, queue);
    const { Attributes } = await this.clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] }),
    );
    return Number(Attributes?.[name]);
  }

  /** Calls an operation by hand. */
  async invoke(operation: 'Canary' | 'Cancel' | 'Purge' | 'Redrive', request: object): Promise<Answer> {
    const FunctionName = outputOf(this.cloud, `${operation}FunctionName`);
    const Payload = JSON.stringify(request);
    const answer = await this.clients.lambda.send(new InvokeCommand({ FunctionName, Payload }));
    const payload: unknown = JSON.parse(Buffer.from(answer.Payload ?? []).toString());
    return { failed: answer.FunctionError !== undefined, payload };
  }
}
