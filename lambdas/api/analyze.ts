import {
  type AnalyzeRequest,
  analyzeRequestSchema,
  MAX_IMMEDIATE_BYTES,
  MAX_IMMEDIATE_OBSERVATIONS,
  MAX_REQUEST_BYTES,
} from '../contracts/api/analyze.ts';
import { parseParameters } from '../contracts/parameters.ts';
import { analyze } from '../domain/analysis.ts';
import { finishDataset } from '../domain/input/dataset.ts';
import { readJsonItems } from '../domain/input/json.ts';
import { serializeDocument } from '../domain/report/serialize.ts';
import { callerOf } from '../http/caller.ts';
import { compress } from '../http/content-encoding.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseBody } from '../http/input.ts';
import { readPreferences } from '../http/prefer.ts';
import { Problem } from '../http/problem.ts';
import { cacheKey } from './cache/key.ts';
import { CACHE_SECONDS, type ReadThrough } from './cache/read-through.ts';
import { digestOf } from './digest.ts';
import { hintsOf } from './hints.ts';

export interface AnalyzeServices {
  readonly answers: ReadThrough;
  /** Makes a job of a request that is not answered at once. */
  readonly defer: (request: ApiRequest, content: AnalyzeRequest) => Promise<ApiResponse>;
}

/**
 * Analyses observations. A small request gets its result document (analysis spec §10) at once, and nothing of it is kept
 * but in the cache; a larger one, or one that prefers so, becomes a job.
 */
export async function analyzeObservations(
  { answers, defer }: AnalyzeServices,
  request: ApiRequest,
): Promise<ApiResponse> {
  assertSize(request.body.length);
  const content = parseBody(analyzeRequestSchema, request);
  const { respondAsync } = readPreferences(request.headers['prefer']);
  if (respondAsync || !isSmall(request.body.length, content)) return defer(request, content);
  const { tenant } = callerOf(request);
  const key = cacheKey({ tenant, kind: 'packed-analysis', of: digestOf(request.body) });
  const answer = await answers.read(key, CACHE_SECONDS.result, async () => analyzeNow(content));
  if (answer === null) throw new TypeError('An analysis always has a document.');
  const status = answer.hitSeconds === null ? 'fwd=miss; stored' : `hit; ttl=${answer.hitSeconds}`;
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json', 'Cache-Status': `creative-dynamics; ${status}` },
    body: answer.value,
    packed: 'gzip',
    replay: 'repeat',
  };
}

function assertSize(bytes: number): void {
  if (bytes <= MAX_REQUEST_BYTES) return;
  throw new Problem(
    'dataset_too_large',
    `The body has ${bytes} bytes; at most ${MAX_REQUEST_BYTES} are taken.`,
  );
}

function isSmall(bytes: number, { items, columns }: AnalyzeRequest): boolean {
  const observations = items?.length ?? Object.values(columns ?? {})[0]?.length ?? 0;
  return bytes <= MAX_IMMEDIATE_BYTES && observations <= MAX_IMMEDIATE_OBSERVATIONS;
}

/** Packed, as most clients take it: a thirtieth of the bytes to be sent to the cache and kept there. */
function analyzeNow(content: AnalyzeRequest): Uint8Array {
  const { partial, columns } = readJsonItems(content, hintsOf(content));
  const dataset = finishDataset(partial, columns, null);
  const parameters = parseParameters(content.parameters);
  return compress(serializeDocument(analyze({ ...dataset, parameters })), 'gzip');
}
