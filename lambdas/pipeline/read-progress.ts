import type { Job } from '../contracts/job.ts';
import { etaSeconds, percentOf } from '../domain/job/progress.ts';
import type { PipelineContext } from './context.ts';
import { scanSet, shardSet } from './tasks.ts';

/** How far a job is, for people to see. */
export interface JobProgress {
  readonly percent: number;
  readonly etaSeconds: number | null;
  readonly rowsRead: number;
  readonly rowsRejected: number;
  readonly bytesRead: number;
  readonly chunks: { readonly done: number; readonly total: number } | null;
  readonly shards: { readonly done: number; readonly total: number } | null;
}

export async function readProgress(
  context: Pick<PipelineContext, 'jobs' | 'clock'>,
  job: Job,
): Promise<JobProgress> {
  const { chunksDone, shardsDone, rows, rejected } = await countDone(context, job);
  const { plan } = job;
  const chunks = plan === null ? null : plan.kind === 'stream' ? 1 : plan.chunks;
  const percent = percentOf(job.state, {
    planned: plan !== null,
    chunksDone,
    chunks,
    shardsDone,
    shards: plan?.shards ?? null,
  });
  const started = job.startedAt === null ? null : Date.parse(job.startedAt);
  const elapsed = started === null || job.finishedAt !== null ? 0 : (context.clock.now() - started) / 1000;
  const share = chunks === null ? 0 : Math.min(1, chunksDone / chunks);
  return {
    percent,
    etaSeconds: etaSeconds(percent, elapsed),
    rowsRead: job.rows?.read ?? rows,
    rowsRejected: job.rows?.rejected ?? rejected,
    bytesRead: Math.floor((plan?.bytes ?? 0) * (job.state === 'SUCCEEDED' ? 1 : share)),
    chunks: chunks === null ? null : { done: chunksDone, total: chunks },
    shards: plan === null ? null : { done: shardsDone, total: plan.shards },
  };
}

/** Finished tasks of a run. Rows are those of the first scan of every chunk, so they are near until the job is done. */
async function countDone({ jobs }: Pick<PipelineContext, 'jobs'>, job: Job) {
  const { plan, phase } = job;
  let [rows, rejected] = [0, 0];
  if (plan === null || phase === null || phase.name === 'inline') {
    return { chunksDone: 0, shardsDone: 0, rows, rejected };
  }
  const scanned = await jobs.commits(scanSet(job, plan, 0));
  const shardsDone = phase.name === 'scan' ? 0 : (await jobs.commits(shardSet(job, plan))).size;
  for (const value of scanned.values()) {
    rows += value['rows'] ?? 0;
    rejected += value['rejected'] ?? 0;
  }
  return { chunksDone: scanned.size, shardsDone, rows, rejected };
}
