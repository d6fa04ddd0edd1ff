import type { Job, JobPhase } from '../contracts/job.ts';
import { METRICS } from '../contracts/metric-names.ts';
import { roundTasks } from '../domain/job/scan-rounds.ts';
import type { PipelineContext } from './context.ts';
import { changeJob, type JobChange, refOf } from './job-record.ts';
import { writeManifest } from './manifest.ts';
import { cutOf, missingMessages, readRounds } from './tasks.ts';

/**
 * Moves a job on whose current phase may be complete, and sends the messages of the phase it comes to. Does nothing
 * while tasks are missing. Whoever finishes a task calls it, and whoever finds a task finished already: the worker
 * that finished the last one may have died before it got here.
 *
 * @throws AnalysisError when all partials together show that the dataset has to be refused
 */
export async function advance(context: PipelineContext, job: Job): Promise<void> {
  if (job.state !== 'PROCESSING' || job.phase === null || job.phase.name === 'inline') return;
  const missing = job.phase.name === 'report' ? [] : await missingMessages(context, job);
  if (missing.length > 0) return;
  const wanted = await nextPhase(context, job);
  const moved = await changeJob(context, job, (current) => (isAt(current, job) ? wanted : null));
  // Whoever moved it sends what follows; if that worker dies before, its own message comes again.
  if (moved === null) return;
  if (moved.phase?.name === 'scan') context.metrics.count(METRICS.chunksRescanned, moved.phase.tasks);
  await dispatch(context, moved);
}

/**
 * Sends what is missing in a job's phase and notes that it was sent. Sending comes before noting: a worker that dies in
 * between has the messages sent twice, never not at all.
 */
export async function dispatch(context: PipelineContext, job: Job): Promise<void> {
  // A redriven job may have nothing left to do but its report, and still has to come to that state.
  if (job.phase?.name === 'report' && job.state === 'PROCESSING') return advance(context, job);
  const messages = await missingMessages(context, job);
  if (messages.length === 0) return advance(context, job);
  await context.queue.send(messages);
  await changeJob(context, job, (current) => {
    if (!isAt(current, job) || current.phase === null || !isUnsent(current.phase)) return null;
    return { set: { phase: { ...current.phase, dispatched: true } } };
  });
}

/** Sends the messages of the phase after `seen` if the worker that moved the job there did not get to it. */
export async function dispatchLeftover(context: PipelineContext, seen: Job): Promise<void> {
  const job = await context.jobs.get(refOf(seen));
  if (job === null || job.run !== seen.run || (job.state !== 'PROCESSING' && job.state !== 'REPORTING'))
    return;
  if (job.phase !== null && isUnsent(job.phase)) await dispatch(context, job);
}

function isUnsent(phase: JobPhase): phase is Exclude<JobPhase, { name: 'inline' }> {
  return phase.name !== 'inline' && !phase.dispatched;
}

/** Whether a job still stands where it was seen. */
function isAt(job: Job, seen: Job): boolean {
  return job.run === seen.run && job.state === seen.state && samePhase(job.phase, seen.phase);
}

function samePhase(a: JobPhase | null, b: JobPhase | null): boolean {
  if (a?.name !== 'scan' || b?.name !== 'scan') return a?.name === b?.name;
  return a.round === b.round;
}

/** What follows the complete phase of a job; the sweeper begins to count anew. */
async function nextPhase(context: PipelineContext, job: Job): Promise<JobChange> {
  const sweep = { tasksDone: 0, resends: 0 };
  const { plan, phase } = job;
  if (plan === null || phase?.name !== 'scan') {
    const event = { kind: 'state', message: 'All shards are analysed.' } as const;
    return { set: { state: 'REPORTING', phase: { name: 'report', dispatched: false }, sweep }, event };
  }
  if (plan.kind === 'ranges') {
    const rounds = await readRounds(context, job, plan, phase.round + 1);
    const tasks = roundTasks(cutOf(plan), rounds).length;
    if (tasks > 0) {
      const message = `${tasks} of ${plan.chunks} chunks began inside a record; they are scanned again.`;
      const next: JobPhase = { name: 'scan', round: phase.round + 1, tasks, dispatched: false };
      return { set: { phase: next, sweep }, event: { kind: 'rescan', message } };
    }
    await writeManifest(context, job, plan, rounds);
  }
  const message = `All of the file is read; ${plan.shards} shards to analyse.`;
  return { set: { phase: { name: 'analyse', dispatched: false }, sweep }, event: { kind: 'state', message } };
}
