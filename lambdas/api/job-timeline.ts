import type { Job, JobEvent } from '../contracts/job.ts';
import type { WorkMessage } from '../contracts/messages.ts';
import { isFinal } from '../domain/job/states.ts';
import { refOf, runOf } from '../pipeline/job-record.ts';
import { isTaskDone } from '../pipeline/tasks.ts';
import type { ControlServices } from './services.ts';

/** Newest events that are looked at; a job with more has failed attempts enough to show. */
const MAX_EVENTS = 200;
/** Tasks of which is asked whether they are done by now. */
const MAX_TASKS = 20;

/** What the timeline says about a job's present run. */
export interface Timeline {
  readonly events: readonly JobEvent[];
  /** Names of tasks by attempt that failed and is made again. */
  readonly failedTasks: readonly string[];
  /** Tasks of those that are not done yet. */
  readonly retrying: number;
}

export async function readTimeline(services: Pick<ControlServices, 'jobs'>, job: Job): Promise<Timeline> {
  const events = await services.jobs.events(refOf(job), { after: null, order: 'newest', limit: MAX_EVENTS });
  const failed = events.filter(({ kind, id }) => kind === 'attempt_failed' && id.startsWith(`${job.run}-`));
  const failedTasks = failed.flatMap(({ task }) => (task === null ? [] : [task]));
  const open = isFinal(job.state) ? [] : [...new Set(failedTasks)].slice(0, MAX_TASKS);
  const done = await Promise.all(
    open.map((task) => {
      const message = messageOf(job, task);
      return message === null || isTaskDone(services, job, message);
    }),
  );
  return { events, failedTasks, retrying: done.filter((isDone) => !isDone).length };
}

/** The message of a task by its name; null when it belongs to a round that is over. */
function messageOf(job: Job, task: string): WorkMessage | null {
  const [type, number, again] = task.split(' ');
  const run = runOf(job);
  if (type === 'plan' || type === 'report') return { type, ...run };
  if (type === 'analyse') return { type, ...run, shard: Number(number) };
  if (type !== 'scan') return null;
  const round = again === undefined ? 0 : job.phase?.name === 'scan' ? job.phase.round : null;
  return round === null ? null : { type, ...run, round, chunk: Number(number), first: null };
}
