/**
 * What an immediate analysis costs its function beyond what any has to, one thread: `node bench/run.ts requests`. Figures
 * are CPU seconds of the whole process, garbage collection included, of requests with other bytes each, as a cold cache
 * has them.
 */
import { gzipSync } from 'node:zlib';
import { createMemoryCache } from '../lambdas/adapters/cache/memory-cache.ts';
import { analyzeObservations } from '../lambdas/api/analyze.ts';
import { createReadThrough } from '../lambdas/api/cache/read-through.ts';
import { parseParameters } from '../lambdas/contracts/parameters.ts';
import { ROUTES } from '../lambdas/contracts/routes.ts';
import { analyze } from '../lambdas/domain/analysis.ts';
import { finishDataset } from '../lambdas/domain/input/dataset.ts';
import { readJsonItems } from '../lambdas/domain/input/json.ts';
import { proxyResultOf, requestOf } from '../lambdas/http/proxy.ts';
import { toWire } from '../lambdas/http/response.ts';
import { createBodies } from '../load/bodies.ts';
import type { BenchRow } from './row.ts';

/** Observations of a request (scaling guide), and requests of a round. */
const SIZES = [
  // Of so few, most of the request is the request.
  { observations: 10, requests: 1500, isBound: false },
  { observations: 100, requests: 200, isBound: true },
  { observations: 1000, requests: 25, isBound: true },
] as const;
/** The first compiles. */
const ROUNDS = 7;
/** Reading rows, naming the request for the cache, base 64 and HTTP may take as much again as what is unavoidable. */
const MOST_TIMES = 2;

/** Rows of the benchmark: a request from the event to the answer, against the unavoidable part of it. */
export async function requestsBench(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const size of SIZES) rows.push(await rowOf(size));
  return rows;
}

async function rowOf({ observations, requests, isBound }: (typeof SIZES)[number]): Promise<BenchRow> {
  const nextBody = createBodies('cold', 'bench');
  const answer = createAnswer();
  const bare = createBare(nextBody(observations));
  const pairs: { seconds: number; ratio: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const events = Array.from({ length: requests }, () => JSON.stringify(eventOf(nextBody(observations))));
    const seconds = await cpuSeconds(async () => {
      for (const event of events) await answer(event);
    });
    const peer = await cpuSeconds(async () => {
      for (let i = 0; i < requests; i++) bare();
    });
    if (round > 0) pairs.push({ seconds, ratio: seconds / peer });
  }
  const { seconds, ratio } = pairs.sort((a, b) => a.ratio - b.ratio)[pairs.length >> 1] ?? NOTHING;
  return {
    name: `POST /api/analyze of ${observations} observations, not cached`,
    value: (seconds / requests) * 1e3,
    unit: 'CPU ms',
    peer: 'JSON, analysis and gzip alone',
    ratio,
    ...(isBound && { target: `≤ ${MOST_TIMES}`, met: ratio <= MOST_TIMES }),
  };
}

const NOTHING = { seconds: Number.NaN, ratio: Number.NaN };

/** The body parsed, totals that are there already analysed, and the document written and packed. */
function createBare(body: string): () => void {
  const { partial, columns } = readJsonItems(JSON.parse(body), {});
  const dataset = finishDataset(partial, columns, null);
  const items = [...dataset.items];
  const parameters = parseParameters(undefined);
  return () => {
    JSON.parse(body);
    gzipSync(JSON.stringify(analyze({ ...dataset, items, parameters })));
  };
}

/** The way of a request through the function, from the text of its event to the text of its answer. */
function createAnswer(): (event: string) => Promise<string> {
  const clock = { now: Date.now };
  const metrics = { count: () => undefined, seconds: () => undefined };
  const answers = createReadThrough({ cache: createMemoryCache(clock), clock, metrics, random: () => 0 });
  const services = { answers, defer: async () => ({ status: 202 }) };
  const route = ROUTES.find(({ operationId }) => operationId === 'analyze');
  if (route === undefined) throw new Error('There is no route to analyse at.');
  return async (text) => {
    const event: ReturnType<typeof eventOf> = JSON.parse(text);
    const request = requestOf(event, { route, requestId: 'req_1', deadline: Number.POSITIVE_INFINITY });
    const response = await analyzeObservations(services, request);
    return JSON.stringify(proxyResultOf(toWire({ ...request, method: route.method }, response)));
  };
}

function eventOf(body: string) {
  const authorizer = { tenant: 'demo', tokenId: 'tok_1', scopes: 'write', requestsPerMinute: '1200' };
  return {
    httpMethod: 'POST',
    resource: '/api/analyze',
    headers: { 'Accept-Encoding': 'gzip', 'Content-Type': 'application/json' },
    multiValueQueryStringParameters: null,
    pathParameters: null,
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
    requestContext: { authorizer, path: '/api/analyze', requestId: 'request' },
  };
}

async function cpuSeconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
