import type { Job, JobPlan } from '../contracts/job.ts';
import type { WorkMessage } from '../contracts/messages.ts';
import { type Cut, type RoundOutcomes, roundTasks } from '../domain/job/scan-rounds.ts';
import { isFinal } from '../domain/job/states.ts';
import type { CommitSet, CommitValue } from '../ports/job-store.ts';
import type { PipelineContext } from './context.ts';
import { runOf } from './job-record.ts';

type RangesPlan = Extract<JobPlan, { kind: 'ranges' }>;

export function scanSet(job: Job, plan: JobPlan, round: number): CommitSet {
  return { ...runOf(job), name: `scan-${round}`, capacity: plan.kind === 'stream' ? 1 : plan.chunks };
}

export function shardSet(job: Job, { shards }: JobPlan): CommitSet {
  return { ...runOf(job), name: 'shards', capacity: shards };
}

export function cutOf({ bytes, chunkBytes, chunks, csv }: RangesPlan): Cut {
  return { bytes, chunkBytes, chunks, dataStart: csv.dataStart };
}

/** What the rounds `[0, count)` found. */
export async function readRounds(
  { jobs }: Pick<PipelineContext, 'jobs'>,
  job: Job,
  plan: RangesPlan,
  count: number,
): Promise<RoundOutcomes[]> {
  const rounds: RoundOutcomes[] = [];
  for (let round = 0; round < count; round++) {
    const commits = await jobs.commits(scanSet(job, plan, round));
    rounds.push(new Map(Array.from(commits, ([chunk, value]) => [chunk, outcomeOf(value)])));
  }
  return rounds;
}

function outcomeOf({ first = null, next = null }: CommitValue): {
  first: number | null;
  next: number | null;
} {
  return { first, next };
}

/** The messages of a job's phase that have not led to a finished task yet. None: the phase is complete. */
export async function missingMessages(
  context: Pick<PipelineContext, 'jobs'>,
  job: Job,
): Promise<WorkMessage[]> {
  const set = phaseSet(job);
  const done = set === null ? null : await context.jobs.commits(set);
  const messages = await phaseMessages(context, job);
  return messages.filter((message) => {
    if (message.type === 'scan') return !done?.has(message.chunk);
    return message.type !== 'analyse' || !done?.has(message.shard);
  });
}

/** The set that the tasks of a job's phase are committed to; null where the phase is one task. */
export function phaseSet(job: Job): CommitSet | null {
  const { plan, phase } = job;
  if (plan === null || phase === null) return null;
  if (phase.name === 'scan') return scanSet(job, plan, phase.round);
  return phase.name === 'analyse' ? shardSet(job, plan) : null;
}

/** One message for each task of a job's phase, finished or not. */
export async function phaseMessages(
  context: Pick<PipelineContext, 'jobs'>,
  job: Job,
): Promise<WorkMessage[]> {
  const { plan, phase } = job;
  const run = runOf(job);
  if (plan === null || phase === null || phase.name === 'inline') return [{ type: 'plan', ...run }];
  if (phase.name === 'report') return [{ type: job.state === 'REPORTING' ? 'report' : 'plan', ...run }];
  if (phase.name === 'analyse') {
    return Array.from({ length: plan.shards }, (_, shard) => ({ type: 'analyse', ...run, shard }));
  }
  const { round } = phase;
  if (plan.kind === 'stream') return [{ type: 'scan', ...run, round, chunk: 0, first: null }];
  const tasks = roundTasks(cutOf(plan), await readRounds(context, job, plan, round));
  return tasks.map((task) => ({ type: 'scan', ...run, round, ...task }));
}

/** A task as people read it: `scan 11`, `scan 11 again`, `analyse 3`, `plan`, `report`. */
export function taskName(message: WorkMessage): string {
  if (message.type === 'scan') return `scan ${message.chunk}${message.round > 0 ? ' again' : ''}`;
  return message.type === 'analyse' ? `analyse ${message.shard}` : message.type;
}

/** Whether the task of a message needs no worker any more. */
export async function isTaskDone(
  { jobs }: Pick<PipelineContext, 'jobs'>,
  job: Job,
  message: WorkMessage,
): Promise<boolean> {
  if (isFinal(job.state) || ('run' in message && message.run !== job.run)) return true;
  if (job.plan === null) return false;
  if (message.type === 'scan') return jobs.hasCommitted(scanSet(job, job.plan, message.round), message.chunk);
  if (message.type === 'analyse') return jobs.hasCommitted(shardSet(job, job.plan), message.shard);
  if (message.type === 'report') return job.state !== 'REPORTING';
  return job.state !== 'PENDING' && job.state !== 'PLANNING' && job.phase?.name !== 'inline';
}
