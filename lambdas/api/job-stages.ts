import { type JobStage, STAGE_NAMES } from '../contracts/api/jobs.ts';
import type { Job } from '../contracts/job.ts';
import { isFinal } from '../domain/job/states.ts';
import type { JobProgress } from '../pipeline/read-progress.ts';
import type { Timeline } from './job-timeline.ts';

type StageName = JobStage['name'];

/** The four parts of a job, as far as each has come. */
export function stagesOf(job: Job, progress: JobProgress, timeline: Timeline): JobStage[] {
  const current = currentStage(job, progress);
  return STAGE_NAMES.map((name) => ({
    name,
    state: stateOf(job, STAGE_NAMES.indexOf(name) - STAGE_NAMES.indexOf(current)),
    ...tasksOf(name, job, progress),
    attemptsFailed: timeline.failedTasks.filter((task) => task.split(' ')[0] === name).length,
    seconds: secondsOf(name, job, timeline),
  }));
}

/** The stage that a job is in, or ended in. */
function currentStage({ plan, phase, state }: Job, { chunks, shards }: JobProgress): StageName {
  if (plan === null) return 'plan';
  if (state === 'REPORTING' || state === 'SUCCEEDED' || phase?.name === 'report') return 'report';
  if (phase?.name === 'analyse') return 'analyse';
  const isScanned = chunks !== null && chunks.done >= chunks.total;
  return isScanned && phase?.name !== 'scan' && shards !== null ? 'analyse' : 'scan';
}

/** @param distance of the stage from the current one: negative before it */
function stateOf({ state }: Job, distance: number): JobStage['state'] {
  if (state === 'SUCCEEDED' || distance < 0) return 'done';
  if (distance > 0) return 'waiting';
  if (state === 'FAILED') return 'failed';
  if (isFinal(state) || state === 'CANCELLING') return 'stopped';
  return state === 'AWAITING_UPLOAD' || state === 'PENDING' ? 'waiting' : 'running';
}

function tasksOf(
  name: StageName,
  { state, phase }: Job,
  progress: JobProgress,
): Pick<JobStage, 'done' | 'total'> {
  const tasks = { plan: null, scan: progress.chunks, analyse: progress.shards, report: null }[name];
  if (tasks === null) return { done: null, total: null };
  // A job that one worker did in one go has committed nothing.
  const isAllDone = state === 'SUCCEEDED' && phase?.name === 'inline';
  return { done: isAllDone ? tasks.total : tasks.done, total: tasks.total };
}

/** Seconds of the stages that begin and end with a state; scan and analysis are one state. */
function secondsOf(name: StageName, job: Job, { events }: Timeline): number | null {
  // Newest first, so that what is found is of the present run.
  const began = (state: Job['state']) =>
    events.find((event) => event.kind === 'state' && event.state === state)?.at;
  if (name === 'plan') return secondsBetween(job.startedAt, began('PROCESSING'));
  return name === 'report' ? secondsBetween(began('REPORTING'), began('SUCCEEDED')) : null;
}

function secondsBetween(from: string | null | undefined, to: string | undefined): number | null {
  if (from === null || from === undefined || to === undefined) return null;
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}
