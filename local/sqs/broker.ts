import { mkdirSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { buildApp } from 'fauxqs';
import { REGION } from '../account.ts';
import { type JsonObject, jsonObjectSchema } from '../assembly/json.ts';
import { AwsError } from '../auth/errors.ts';
import { makeFair } from './fair-queue.ts';
import { withGroupAsAttribute } from './message-group.ts';
import { type QueueLoad, queueLoad } from './queue-load.ts';
import { withTraceAsAttribute, withTraceAsSystemAttribute } from './trace-header.ts';

export interface BrokerAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;

interface FauxqsModules {
  readonly SqsStore: new () => Stores['sqsStore'];
  readonly SnsStore: new () => Stores['snsStore'];
  readonly S3Store: new () => Stores['s3Store'];
  readonly PersistenceManager: new (directory: string) => Persistence;
}

interface Persistence {
  readonly db: DatabaseSync;
  loadSqsAndSns(sqs: Stores['sqsStore'], sns: Stores['snsStore']): void;
  updateMessageReady(messageId: string): void;
  insertMessage(queueName: string, message: { readonly approximateReceiveCount: number }): void;
  close(): void;
}

/** How often receive calls that came to wait while closing are ended. */
const END_WAITING_MS = 20;

const MAKE_READY = 'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL';

/**
 * Queues and topics: fauxqs inside this process, kept in a directory. Its own `startFauxqs` would listen on every
 * network interface, so its application is built here and only ever called directly.
 */
export class MessageBroker {
  /** Messages that were being handled when the directory was last closed, and are available again. */
  readonly resumed: number;
  readonly #app: ReturnType<typeof buildApp>;
  readonly #queues: Stores['sqsStore'];
  readonly #sent: ReadonlyMap<string, number>;
  readonly #underWay = new Set<Promise<unknown>>();

  private constructor(
    app: ReturnType<typeof buildApp>,
    { queues, sent }: { queues: Stores['sqsStore']; sent: ReadonlyMap<string, number> },
    resumed: number,
  ) {
    this.#app = app;
    this.#queues = queues;
    this.#sent = sent;
    this.resumed = resumed;
  }

  static async open(directory: string): Promise<MessageBroker> {
    mkdirSync(directory, { recursive: true });
    const { SqsStore, SnsStore, S3Store, PersistenceManager } = await fauxqsModules();
    const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
    const persistence = new PersistenceManager(directory);
    const { db } = persistence;
    // A commit need not reach the disk before the next: a power cut may cost the last messages, a crash none.
    db.exec('PRAGMA synchronous = NORMAL');
    // fauxqs's own would set the receive count to NULL, which its table refuses.
    persistence.updateMessageReady = (id) => void db.prepare(`${MAKE_READY} WHERE message_id = ?`).run(id);
    // Whoever had these is gone, and visibility timeouts of the size AWS wants would hold them back for an hour.
    const { changes } = db.prepare(`${MAKE_READY} WHERE receipt_handle IS NOT NULL`).run();
    const createQueue = stores.sqsStore.createQueue.bind(stores.sqsStore);
    stores.sqsStore.createQueue = (...settings) => makeFair(createQueue(...settings));
    // Loading before persisting, or loading would persist again what it loads.
    persistence.loadSqsAndSns(stores.sqsStore, stores.snsStore);
    Object.assign(stores.sqsStore, { persistence });
    Object.assign(stores.snsStore, { persistence });
    for (const queue of stores.sqsStore.allQueues()) Object.assign(queue, { persistence });
    const sent = countSent(persistence);
    const app = buildApp({ logger: false, defaultRegion: REGION, stores });
    app.addHook('preClose', () => persistence.close());
    await app.ready();
    return new MessageBroker(app, { queues: stores.sqsStore, sent }, Number(changes));
  }

  /** Hands a client's request on as it is. */
  async forward(headers: Readonly<Record<string, string>>, payload: string): Promise<BrokerAnswer> {
    const request = this.#app.inject({ method: 'POST', url: '/', headers, payload }).then((answer) => answer);
    this.#underWay.add(request);
    const answer = await request.finally(() => this.#underWay.delete(request));
    return {
      status: answer.statusCode,
      headers: { 'content-type': String(answer.headers['content-type'] ?? 'application/xml') },
      body: answer.payload,
    };
  }

  /**
   * An SQS operation of the local cloud itself.
   *
   * @throws AwsError when the operation fails
   */
  async sqs(operation: string, input: JsonObject): Promise<JsonObject> {
    const answer = await this.forward(
      { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
      JSON.stringify(withGroupAsAttribute(operation, withTraceAsAttribute(operation, input))),
    );
    const output = answer.body === '' ? {} : jsonObjectSchema.parse(JSON.parse(answer.body));
    if (answer.status === 200) return withTraceAsSystemAttribute(operation, output);
    throw new AwsError(
      answer.status,
      String(output['__type']),
      String(output['message'] ?? output['Message']),
    );
  }

  /** An SNS operation of the local cloud itself. @throws AwsError when the operation fails */
  async sns(form: Readonly<Record<string, string>>): Promise<void> {
    const answer = await this.forward(
      { 'content-type': 'application/x-www-form-urlencoded' },
      new URLSearchParams(form).toString(),
    );
    if (answer.status !== 200) throw new AwsError(answer.status, 'SnsError', answer.body);
  }

  /** What each queue holds at the moment. */
  queueLoads(): QueueLoad[] {
    return [...this.#queues.allQueues()].map((queue) => queueLoad(queue, this.#sent.get(queue.name) ?? 0));
  }

  /** Ends receive calls that wait for messages, those too that only come to wait meanwhile. */
  async close(): Promise<void> {
    const ending = setInterval(() => this.#queues.shutdown(), END_WAITING_MS);
    await Promise.allSettled([this.#app.close(), ...this.#underWay]);
    clearInterval(ending);
  }
}

/** Counts, from now on, the messages that are sent to each queue; one that was received before is only moved. */
function countSent(persistence: Persistence): ReadonlyMap<string, number> {
  const sent = new Map<string, number>();
  const insert = persistence.insertMessage.bind(persistence);
  persistence.insertMessage = (queueName, message) => {
    if (message.approximateReceiveCount === 0) sent.set(queueName, (sent.get(queueName) ?? 0) + 1);
    insert(queueName, message);
  };
  return sent;
}

async function fauxqsModules(): Promise<FauxqsModules> {
  // These modules are not in the package's exports; the package is pinned to the version they were read in.
  const base = import.meta.resolve('fauxqs');
  const [sqs, sns, s3, persistence] = await Promise.all(
    ['./sqs/sqsStore.js', './sns/snsStore.js', './s3/s3Store.js', './persistence.js'].map(
      (path) => import(new URL(path, base).href),
    ),
  );
  return { ...sqs, ...sns, ...s3, ...persistence };
}
