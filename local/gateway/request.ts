import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { REGION } from '../account.ts';

/** A request as API Gateway sees it, before it knows what it is for. */
export interface GatewayRequest {
  readonly id: string;
  readonly method: string;
  /** Percent-encoded, as it came. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** In order, with the sender's spelling of their names. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly sourceIp: string;
  /** Host name and port the sender used. */
  readonly host: string;
  readonly receivedAt: Date;
}

export const TRACE_HEADER = 'X-Amzn-Trace-Id';

/** Largest body that API Gateway takes, in bytes. */
export const MAX_BODY_BYTES = 10 * 1024 ** 2;

// What belongs to the sender's connection, and does not reach a function.
const OF_THE_CONNECTION = new Set(['connection', 'content-length', 'transfer-encoding', 'keep-alive']);

/** @returns the request without its body when that is larger than API Gateway takes */
export async function readRequest(
  incoming: IncomingMessage,
): Promise<{ request: GatewayRequest; tooLarge: boolean }> {
  const [path = '/', search = ''] = (incoming.url ?? '/').split(/\?(.*)/s);
  const body = await readBody(incoming);
  const sourceIp = incoming.socket.remoteAddress ?? '127.0.0.1';
  const id = randomUUID();
  const request: GatewayRequest = {
    id,
    method: incoming.method ?? 'GET',
    path,
    query: new URLSearchParams(search),
    headers: [...sentHeaders(incoming), ...addedHeaders(incoming, sourceIp, id)],
    body: body ?? Buffer.alloc(0),
    sourceIp,
    host: incoming.headers.host ?? `execute-api.${REGION}.amazonaws.com`,
    receivedAt: new Date(),
  };
  return { request, tooLarge: body === undefined };
}

/** The last value of a header, however its name is spelt. */
export function headerOf({ headers }: GatewayRequest, name: string): string | undefined {
  return headers.findLast(([given]) => given.toLowerCase() === name.toLowerCase())?.[1];
}

function sentHeaders({ rawHeaders }: IncomingMessage): [string, string][] {
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!OF_THE_CONNECTION.has(name.toLowerCase())) headers.push([name, rawHeaders[index + 1] ?? '']);
  }
  return headers;
}

function addedHeaders(
  { socket, headers }: IncomingMessage,
  sourceIp: string,
  id: string,
): [string, string][] {
  const forwarded = headers['x-forwarded-for'];
  return [
    [TRACE_HEADER, `Root=1-${id.slice(0, 8)}-${id.replaceAll('-', '').slice(8)}`],
    ['X-Forwarded-For', forwarded === undefined ? sourceIp : `${forwarded}, ${sourceIp}`],
    ['X-Forwarded-Port', String(socket.localPort ?? '')],
    ['X-Forwarded-Proto', 'http'],
  ];
}

/** @returns undefined when it is larger than API Gateway takes; what is left of it is thrown away */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size <= MAX_BODY_BYTES) chunks.push(bytes);
    else chunks.length = 0;
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
}
