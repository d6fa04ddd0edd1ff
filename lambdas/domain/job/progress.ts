import type { JobState } from './states.ts';

/** What the parts of a job count for in its percentage. */
const WEIGHTS = { plan: 5, scan: 60, analyse: 30, report: 5 } as const;

/** How far a job has come. Counts are of distinct tasks, so they only grow within a run. */
export interface WorkDone {
  readonly planned: boolean;
  readonly chunksDone: number;
  /** Null until the job is planned. */
  readonly chunks: number | null;
  readonly shardsDone: number;
  readonly shards: number | null;
}

/**
 * Whole per cent of a job that are done: plan 5, scan 60, analyse 30, report 5. It never falls within a run: it depends
 * on finished tasks and not on the state, so a failure, a second scan of a chunk or a redrive take nothing away.
 */
export function percentOf(state: JobState, done: WorkDone): number {
  if (state === 'SUCCEEDED') return 100;
  if (!done.planned) return 0;
  const scanned = share(done.chunksDone, done.chunks);
  const analysed = scanned < 1 ? 0 : share(done.shardsDone, done.shards);
  return Math.floor(WEIGHTS.plan + WEIGHTS.scan * scanned + WEIGHTS.analyse * analysed);
}

/**
 * Seconds until a running job should be over, at its own pace so far; null while there is nothing to go by.
 *
 * @param elapsedSeconds since the job started
 */
export function etaSeconds(percent: number, elapsedSeconds: number): number | null {
  if (percent <= WEIGHTS.plan || percent >= 100 || elapsedSeconds <= 0) return null;
  return Math.ceil((elapsedSeconds * (100 - percent)) / percent);
}

function share(done: number, all: number | null): number {
  return all === null || all === 0 ? 0 : Math.min(1, done / all);
}
