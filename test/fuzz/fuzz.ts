import fc from 'fast-check';
import { type Operation, readDocument } from './document.ts';
import { KnownValues } from './known-values.ts';
import { type Draft, requestsOf } from './requests.ts';
import { Sender, type Sent } from './send.ts';
import { complaintsOf } from './verdict.ts';

export interface FuzzOptions {
  /** Root of the API, such as `http://localhost:8080`. */
  readonly endpoint: string;
  /** With all scopes. */
  readonly token: string;
  readonly runs: number;
  readonly seed: number;
}

/** How often each operation answered with each status. */
export type Coverage = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** Makes something of every kind, so that requests can be about it. */
const FIRST: readonly Sent[] = [
  post('/api/portfolios', { name: `fuzz ${Date.now()}` }),
  post('/api/webhooks', { url: 'https://hooks.example.com/in' }),
  post('/api/datasets', { name: 'fuzz', filename: 'a.csv', bytes: 100 }),
  post('/api/datasets', { name: 'fuzz large', filename: 'b.csv', bytes: 2 ** 30 }),
  post(
    '/api/analyze',
    { items: [{ id: 'A', day: '2025-01-01', impressions: 1000, clicks: 10 }] },
    'respond-async, wait=10',
  ),
];

/** Of request line and headers together, with room for what HTTP clients add: API Gateway takes 10,240. */
const MOST_HEAD_BYTES = 10_000;
const BODIES_WITHOUT_TYPE = ['GET', 'HEAD'];

/**
 * Sends requests made from the API's own OpenAPI document, and holds every answer against it.
 *
 * @throws Error with the smallest request whose answer is wrong, and the seed that finds it again
 */
export async function fuzz({ endpoint, token, runs, seed }: FuzzOptions): Promise<Coverage> {
  const sender = new Sender(endpoint);
  try {
    const given = await sender.send({ method: 'GET', path: '/api/openapi.json', headers: {}, body: null });
    const document = readDocument(JSON.parse(given.body.toString()));
    const known = new KnownValues();
    const coverage = new Map<string, Map<number, number>>();
    for (const sent of FIRST) {
      const answer = await sender.send({
        ...sent,
        headers: { ...sent.headers, authorization: `Bearer ${token}` },
      });
      known.learn('first', JSON.parse(answer.body.toString()));
    }
    const property = fc.asyncProperty(requestsOf(document), async (draft) => {
      const sent = requestFrom(draft, known, token);
      fc.pre(headBytes(sent) < MOST_HEAD_BYTES);
      const answer = await sender.send(sent);
      const operation = operationOf(draft);
      const complaints = complaintsOf(operation, sent.method, answer);
      if (complaints.length > 0)
        throw new Error(
          [...complaints, shown(sent), `${answer.status} ${answer.body.toString().slice(0, 600)}`].join('\n'),
        );
      if (operation === null) return;
      const statuses = coverage.get(operation.operationId) ?? new Map<number, number>();
      coverage.set(
        operation.operationId,
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1),
      );
      if (
        answer.status < 300 &&
        answer.body.length > 0 &&
        answer.headers['content-type'] === 'application/json'
      )
        known.learn(operation.operationId, JSON.parse(answer.body.toString()));
    });
    const { failed, errorInstance, counterexamplePath } = await fc.check(property, { numRuns: runs, seed });
    if (failed) throw new Error(`Seed ${seed}, path ${counterexamplePath}: ${messageOf(errorInstance)}`);
    return coverage;
  } finally {
    sender.close();
  }
}

function post(path: string, content: object, prefer?: string): Sent {
  const headers = { 'content-type': 'application/json', ...(prefer !== undefined && { prefer }) };
  return { method: 'POST', path, headers, body: Buffer.from(JSON.stringify(content)) };
}

/** What the request is for, unless its method or path is another. */
function operationOf({ operation, method, path }: Draft): Operation | null {
  return path === null && method === operation.method ? operation : null;
}

function requestFrom(draft: Draft, known: KnownValues, token: string): Sent {
  const { operation, method, parameters, query, headers, credential, body } = draft;
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(wellFormed(known.resolve(name, parameters[name] ?? { text: '' }))),
  );
  const pairs = query.map(([name, value]): [string, string] => [name, known.resolve(name, value)]);
  const search = new URLSearchParams(pairs).toString();
  const isTyped = body !== null && operation.body !== null && !BODIES_WITHOUT_TYPE.includes(method);
  return {
    method,
    path: `${draft.path ?? path}${search === '' || draft.path !== null ? '' : `?${search}`}`,
    headers: {
      ...(isTyped && { 'content-type': operation.body.contentType }),
      ...headers,
      ...(credential !== 'none' && {
        authorization: `Bearer ${credential === 'token' ? token : 'cdt_wrong'}`,
      }),
    },
    body,
  };
}

/** An empty part would make another path of it, and half a surrogate pair cannot be percent-encoded. */
function wellFormed(text: string): string {
  return text === '' || text === '.' || text === '..' ? 'none' : text.toWellFormed();
}

function headBytes({ method, path, headers }: Sent): number {
  return Buffer.byteLength(`${method} ${path}${JSON.stringify(headers)}`);
}

function shown({ method, path, headers, body }: Sent): string {
  const { authorization: _, ...others } = headers;
  const text =
    body === null ? '' : ` ${body.length > 2000 ? `${body.length} bytes` : JSON.stringify(body.toString())}`;
  return `${method} ${path.slice(0, 500)} ${JSON.stringify(others)}${text}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
