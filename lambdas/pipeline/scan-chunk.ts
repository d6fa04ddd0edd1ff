import type { Job, JobPhase, JobPlan } from '../contracts/job.ts';
import type { ScanMessage } from '../contracts/messages.ts';
import { METRICS } from '../contracts/metric-names.ts';
import { partialKey, wholePartialKey } from '../contracts/object-keys.ts';
import { scanRange } from '../domain/csv/ranges.ts';
import { readTotals } from '../domain/input/dataset.ts';
import { chunkRange } from '../domain/job/scan-rounds.ts';
import { decodeHead, encodePartial } from '../domain/totals/codec.ts';
import type { Partial } from '../domain/totals/partial.ts';
import type { CommitValue } from '../ports/job-store.ts';
import { advance, dispatchLeftover } from './advance.ts';
import type { PipelineContext, WorkOutcome } from './context.ts';
import { openJob, runOf } from './job-record.ts';
import { putManifest } from './manifest.ts';
import { pinnedObject, readStream } from './read-input.ts';
import { scanSet } from './tasks.ts';

const PARTIAL_TYPE = 'application/octet-stream';

/**
 * Scans one chunk of a job's file: daily totals into an object, what was found of the chunk's records into the set of
 * its round. Whoever completes the set moves the job on.
 *
 * @throws AnalysisError when the input has to be refused; other errors are worth another attempt
 */
export async function scanChunk(context: PipelineContext, message: ScanMessage): Promise<WorkOutcome> {
  const { jobs, metrics } = context;
  const { round, chunk, first } = message;
  const job = await openJob(context, message);
  if (job === null) return 'stale';
  if (job.plan === null || !isInRound(job, round)) {
    await dispatchLeftover(context, job);
    return 'stale';
  }
  const set = scanSet(job, job.plan, round);
  if (await jobs.hasCommitted(set, chunk)) {
    await advance(context, job);
    return 'done';
  }
  const found =
    job.plan.kind === 'stream'
      ? await scanWhole(context, job, job.plan.shards)
      : await scanOne(context, job, job.plan, chunk, first);

  // Scanning takes a while; a job that was stopped meanwhile gets no more commits.
  const current = await openJob(context, message);
  if (current === null || !isInRound(current, round)) return 'stale';
  const { size } = await jobs.commit(set, chunk, found);
  metrics.count(METRICS.chunksScanned);
  metrics.count(METRICS.rowsScanned, found['rows'] ?? 0);
  metrics.count(METRICS.bytesScanned, bytesOf(job.plan, chunk));
  if (current.phase?.name === 'scan' && size >= current.phase.tasks) await advance(context, current);
  return 'done';
}

function isInRound(
  { state, phase }: { state: Job['state']; phase: JobPhase | null },
  round: number,
): boolean {
  return state === 'PROCESSING' && phase?.name === 'scan' && phase.round === round;
}

function bytesOf(plan: JobPlan, chunk: number): number {
  if (plan.kind === 'stream') return plan.bytes;
  const { start, end } = chunkRange(plan, chunk);
  return end - start;
}

async function scanOne(
  { objects }: PipelineContext,
  job: Job,
  plan: Extract<JobPlan, { kind: 'ranges' }>,
  chunk: number,
  known: number | null,
): Promise<CommitValue> {
  const range = chunkRange(plan, chunk);
  const source = objects.source(pinnedObject(job), range);
  const { outcome, partial } = await scanRange(source, range, plan.csv, known);
  const { first, next } = outcome;
  if (first !== null) {
    const key = partialKey(runOf(job), range, first);
    await objects.putIfAbsent(key, encodePartial(partial, plan.shards), PARTIAL_TYPE);
  }
  return { first, next, ...rowsOf(partial) };
}

/** Scans an input that cannot be cut: packed, JSON, or small. */
async function scanWhole(context: PipelineContext, job: Job, shards: number): Promise<CommitValue> {
  const { maxBytes } = context.settings;
  const { partial, columns, dataLine } = await readStream(context, job, readTotals, maxBytes);
  const key = wholePartialKey(runOf(job));
  const bytes = encodePartial(partial, shards);
  const scanned = { whole: partial, columns, dataLine, keys: [key], heads: [decodeHead(bytes)] };
  await context.objects.putIfAbsent(key, bytes, PARTIAL_TYPE);
  await putManifest(context, job, scanned);
  return { first: null, next: null, ...rowsOf(partial) };
}

function rowsOf({ rowsRead, tallies }: Partial): CommitValue {
  return { rows: rowsRead, rejected: tallies[0].rejections.total };
}
