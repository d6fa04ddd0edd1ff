import * as z from 'zod';
import type { CanaryPart } from '../contracts/canary-environment.ts';
import { isFinal, JOB_STATES } from '../domain/job/states.ts';
import type { ApiAnswer, ApiClient } from '../ports/api-client.ts';
import type { Clock } from '../ports/clock.ts';
import { DOCUMENT, LIST } from './answers.ts';
import { canaryFile, canaryObservations } from './dataset.ts';
import { differences } from './differences.ts';

export interface CanaryContext {
  readonly api: ApiClient;
  readonly clock: Clock;
}

/** Of one dataset there is one right answer, and one name will do: should it ever be left behind, it is not left twice. */
const DATASET_NAME = 'canary';
/** A small file is analysed within seconds. */
const JOB_MS = 60_000;
/** Longest that one request waits for the job. */
const WAIT = 'wait=10';

const createdSchema = z.object({
  dataset: z.object({ id: z.string() }),
  job: z.object({ id: z.string() }),
  upload: z.object({ kind: z.literal('single'), url: z.url(), headers: z.record(z.string(), z.string()) }),
});
const jobSchema = z.object({ state: z.enum(JOB_STATES) });

type Created = z.infer<typeof createdSchema>;

/**
 * Uses the API as a customer does, and holds what it answers against what is right. Deletes what it made.
 *
 * @returns what is wrong with the numbers; nothing when all are right
 * @throws Error when a request is not answered as it should be, or the job does not succeed in time
 */
export async function runCanary(context: CanaryContext, parts: readonly CanaryPart[]): Promise<string[]> {
  const found = parts.includes('request') ? await analyseAtOnce(context) : [];
  if (!parts.includes('upload') && !parts.includes('items')) return found;
  return [...found, ...(await analyseFile(context, parts.includes('items')))];
}

async function analyseAtOnce({ api, clock }: CanaryContext): Promise<string[]> {
  // Another name each time: the same request would be answered out of the cache.
  const body = { datasetName: `${DATASET_NAME} ${clock.now()}`, items: canaryObservations() };
  const answer = await api.call('POST', '/api/analyze', { body });
  return differences(DOCUMENT, expectStatus('POST /api/analyze', answer, 200), 'answer');
}

async function analyseFile(context: CanaryContext, withItems: boolean): Promise<string[]> {
  const { api } = context;
  const file = Buffer.from(canaryFile());
  const announcement = { name: DATASET_NAME, filename: 'canary.csv', bytes: file.length };
  const answer = await api.call('POST', '/api/datasets', { body: announcement });
  const created = createdSchema.parse(expectStatus('POST /api/datasets', answer, 201));
  const [found] = await Promise.allSettled([followFile(context, created, file, withItems)]);
  // Whatever came of it. What went wrong before is told rather than that this did, too.
  const [deleted] = await Promise.allSettled([deleteDataset(context, created)]);
  if (found.status === 'rejected') throw found.reason;
  if (deleted.status === 'rejected') throw deleted.reason;
  return found.value;
}

async function deleteDataset({ api }: CanaryContext, { dataset }: Created): Promise<void> {
  const answer = await api.call('DELETE', `/api/datasets/${dataset.id}`);
  expectStatus('DELETE /api/datasets/{datasetId}', answer, 202);
}

async function followFile(
  context: CanaryContext,
  { job, upload }: Created,
  file: Uint8Array,
  withItems: boolean,
): Promise<string[]> {
  const status = await context.api.send(upload.url, upload.headers, file);
  if (status !== 200) throw new Error(`Sending the file to S3 was answered with ${status}.`);
  await waitFor(context, job.id);
  const answer = await context.api.call('GET', `/api/jobs/${job.id}/result.json`);
  const document = expectStatus('GET /api/jobs/{jobId}/result.json', answer, 200);
  const found = differences(DOCUMENT, document, 'document');
  return withItems ? [...found, ...(await readList(context, job.id))] : found;
}

async function waitFor({ api, clock }: CanaryContext, jobId: string): Promise<void> {
  const until = clock.now() + JOB_MS;
  for (;;) {
    const answer = await api.call('GET', `/api/jobs/${jobId}`, { prefer: WAIT });
    const { state } = jobSchema.parse(expectStatus('GET /api/jobs/{jobId}', answer, 200));
    if (state === 'SUCCEEDED') return;
    if (isFinal(state)) throw new Error(`The job ${jobId} ended as ${state}.`);
    if (clock.now() >= until)
      throw new Error(`The job ${jobId} was still ${state} after ${JOB_MS / 1000} s.`);
  }
}

async function readList({ api }: CanaryContext, jobId: string): Promise<string[]> {
  const answer = await api.call('GET', `/api/jobs/${jobId}/items`);
  return differences(LIST, expectStatus('GET /api/jobs/{jobId}/items', answer, 200), 'list');
}

/** What was answered. @throws Error naming the request, by which its lines in the log are found */
function expectStatus(what: string, { status, json, requestId }: ApiAnswer, expected: number): unknown {
  if (status === expected) return json;
  const { data } = z.object({ code: z.string().max(100) }).safeParse(json);
  throw new Error(
    `${what} was answered with ${status} ${data?.code ?? ''} (${requestId ?? 'no request id'}).`,
  );
}
