import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';

export interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly payload: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Header of the trace it belongs to. */
  readonly trace: string;
}

export interface RuntimeEvents {
  /** The runtime is initialised and waits for an invocation. */
  onReady(): void;
  onInitError(body: string): void;
  onResponse(requestId: string, body: string): void;
  onError(requestId: string, body: string): void;
}

/** Largest answer of a function. */
const MAX_RESPONSE_BYTES = 6 * 1024 ** 2;

const addressSchema = z.object({ port: z.number() });

/** The Runtime API (2018-06-01) of one execution environment, on a loopback port of its own. */
export class RuntimeApi {
  readonly address: string;
  readonly #server: Server;
  readonly #events: RuntimeEvents;
  #waiting: ServerResponse | undefined;
  #next: Invocation | undefined;

  private constructor(server: Server, events: RuntimeEvents) {
    this.#server = server;
    this.#events = events;
    this.address = `127.0.0.1:${addressSchema.parse(server.address()).port}`;
    server.on('request', (request, response) => void this.#serve(request, response));
  }

  static async listen(events: RuntimeEvents): Promise<RuntimeApi> {
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new RuntimeApi(server, events);
  }

  /** Hands an invocation to the runtime: now if it waits for one, or as soon as it has come back for the next. */
  hand(invocation: Invocation): void {
    if (this.#waiting === undefined) {
      this.#next = invocation;
      return;
    }
    const response = this.#waiting;
    this.#waiting = undefined;
    send(response, invocation);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, id = '', what = ''] =
      /^\/2018-06-01\/runtime\/(?:invocation\/)?([^/]+)(?:\/(response|error))?$/.exec(request.url ?? '') ??
      [];
    if (request.method === 'GET' && id === 'next') {
      this.#await(response);
      return;
    }
    const body = await readText(request).catch(() => undefined);
    // The environment died while it answered; its exit tells.
    if (body === undefined) return;
    if (what === '') answer(response, 404, 'InvalidPath');
    else if (id === 'init') this.#accept(response, () => this.#events.onInitError(body));
    else if (what === 'error') this.#accept(response, () => this.#events.onError(id, body));
    else if (Buffer.byteLength(body) <= MAX_RESPONSE_BYTES) {
      this.#accept(response, () => this.#events.onResponse(id, body));
    } else {
      const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
      answer(response, 413, 'RequestEntityTooLarge');
      this.#events.onError(id, JSON.stringify({ errorType: 'Function.ResponseSizeTooLarge', errorMessage }));
    }
  }

  #await(response: ServerResponse): void {
    const next = this.#next;
    this.#next = undefined;
    if (next === undefined) this.#waiting = response;
    else send(response, next);
    this.#events.onReady();
  }

  #accept(response: ServerResponse, tell: () => void): void {
    answer(response, 202, 'OK');
    tell();
  }
}

function send(
  response: ServerResponse,
  { requestId, functionArn, payload, deadline, trace }: Invocation,
): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': requestId,
    'lambda-runtime-deadline-ms': deadline,
    'lambda-runtime-invoked-function-arn': functionArn,
    'lambda-runtime-trace-id': trace,
  });
  response.end(payload);
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ status: text }));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
