import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../assembly/json.ts';
import { type Authentication, authenticate } from '../auth/authenticate.ts';
import type { Credentials } from '../auth/credentials.ts';
import { AwsError } from '../auth/errors.ts';
import { sha256 } from '../auth/sigv4.ts';
import { listenOnLoopback } from '../listen.ts';
import { type Dialect, dialectOf, sendError } from './answer.ts';

/** A signed request on its way to a service. */
export interface FrontRequest {
  readonly id: string;
  readonly authentication: Authentication;
  readonly incoming: IncomingMessage;
  readonly method: string;
  /** Percent-encoded, as it came. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The whole body; empty for S3, which streams it from `incoming`. */
  readonly body: Buffer;
}

export type Service = (request: FrontRequest, response: ServerResponse) => Promise<void>;

// Lambda takes 6 MB, DynamoDB 16 MB.
const MAX_BUFFERED_BYTES = 16 * 1024 ** 2;

/**
 * The AWS endpoint: verifies each request's signature and hands it to the service the signature is for. Services are
 * added once the deployment that needs the endpoint's own address is known.
 */
export class Front {
  readonly endpoint: string;
  readonly services = new Map<string, Service>();
  /** Told of errors that are no answer of a service but a defect. */
  onDefect: (error: unknown) => void = (error) => process.stderr.write(`${error}\n`);
  readonly #server: Server;
  readonly #credentials: Credentials;

  private constructor(server: Server, port: number, credentials: Credentials) {
    this.#server = server;
    this.#credentials = credentials;
    // The address and not the name, because SDKs then put buckets into the path, where no name has to be resolved.
    this.endpoint = `http://127.0.0.1:${port}`;
    server.on('request', (incoming, response) => void this.#serve(incoming, response));
  }

  /** @throws Error saying so when the port is taken */
  static async listen(port: number, credentials: Credentials): Promise<Front> {
    const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 });
    return new Front(server, await listenOnLoopback(server, port, '--port'), credentials);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = randomUUID();
    const method = incoming.method ?? 'GET';
    let dialect: Dialect = 'x-amz-target' in incoming.headers ? 'json' : 's3';
    try {
      const [path = '/', search = ''] = (incoming.url ?? '/').split(/\?(.*)/s);
      const query = new URLSearchParams(search);
      const streamed = isForS3(incoming, query);
      const body = streamed ? Buffer.alloc(0) : await read(incoming);
      const { headers } = incoming;
      const authentication = authenticate(
        { method, path, query, headers },
        this.#credentials,
        Date.now(),
        () => sha256(body),
      );
      dialect = dialectOf(authentication.service);
      if (
        !streamed &&
        /^[0-9a-f]{64}$/.test(authentication.payloadHash) &&
        sha256(body) !== authentication.payloadHash
      ) {
        throw new AwsError(400, 'XAmzContentSHA256Mismatch', 'The body is not the one that was signed.');
      }
      const service = this.services.get(authentication.service);
      if (service === undefined) {
        throw new AwsError(501, 'NotImplemented', `The service ${authentication.service} is not imitated.`);
      }
      response.setHeader('x-amz-request-id', id);
      await service({ id, authentication, incoming, method, path, query, body }, response);
    } catch (error) {
      this.#fail(error, { incoming, response, dialect, method, id });
    }
  }

  #fail(
    error: unknown,
    request: {
      incoming: IncomingMessage;
      response: ServerResponse;
      dialect: Dialect;
      method: string;
      id: string;
    },
  ): void {
    const { incoming, response } = request;
    const gone = incoming.destroyed && !incoming.complete;
    if (response.headersSent || gone || isAborted(error)) {
      response.destroy();
      return;
    }
    if (!(error instanceof AwsError)) this.onDefect(error);
    const answer = error instanceof AwsError ? error : new AwsError(500, 'InternalError', String(error));
    // A refused upload's body is not wanted any more; without this the connection could not be used again.
    incoming.resume();
    sendError(response, request.dialect, answer, request);
  }
}

function isForS3(incoming: IncomingMessage, query: URLSearchParams): boolean {
  const authorization = incoming.headers.authorization;
  return authorization === undefined
    ? query.has('X-Amz-Signature')
    : authorization.includes('/s3/aws4_request');
}

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BUFFERED_BYTES)
      throw new AwsError(413, 'RequestEntityTooLarge', 'The request is too large.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function isAborted(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'ABORT_ERR';
}

/** A JSON body. @throws AwsError 400 when it is none */
export function parseJsonBody(body: Buffer): JsonObject {
  try {
    const value = z.json().parse(JSON.parse(body.toString() || '{}'));
    if (isJsonObject(value)) return value;
  } catch {
    // Said below, for every way not to be an object.
  }
  throw new AwsError(400, 'SerializationException', 'The body is not a JSON object.');
}
