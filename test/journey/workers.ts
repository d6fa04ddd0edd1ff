import * as z from 'zod';
import type { Job } from '../../lambdas/contracts/job.ts';
import type { WorkMessage } from '../../lambdas/contracts/messages.ts';
import type { FunctionStatistics } from '../../local/lambda/function.ts';
import { eventually } from '../local/eventually.ts';
import { packedExport } from './exports.ts';
import { jobOfUpload, PATIENCE_MS } from './jobs.ts';
import type { QueueOutput, System } from './system.ts';

/** The functions that take the queues, by a part of their names, with the queue that each takes. */
const QUEUES = {
  PlanUpload: 'AnalysisQueueUrl',
  ScanAndAnaly: 'SignatureQueueUrl',
  WriteReport: 'ReportQueueUrl',
} as const satisfies Record<string, QueueOutput>;

export type Worker = keyof typeof QUEUES;

/** What a worker has done since the start. */
export function statistics({ cloud }: System, worker: Worker): FunctionStatistics {
  const found = cloud.statistics()[nameOf(cloud, worker)];
  if (found === undefined) throw new Error(`There is no function ${worker}.`);
  return found;
}

function processIds({ cloud }: System, worker: Worker): number[] {
  return cloud.processIds(nameOf(cloud, worker));
}

function nameOf(cloud: System['cloud'], worker: Worker): string {
  const name = Object.keys(cloud.statistics()).find((name) => name.includes(`Pipeline${worker}`));
  if (name === undefined) throw new Error(`There is no function ${worker}.`);
  return name;
}

export interface Held {
  /** Waits until so many tasks were handed to workers, the first of them to the one that is held. */
  taken(tasks?: number): Promise<void>;
  /** Ends the process where it stands, as the system does with one that takes too much memory. */
  kill(): void;
}

/**
 * Holds one process of a worker where it stands until `work` is done: the next task is handed to it and waits there.
 * All further ones get processes of their own.
 */
export async function whileHeld<Result>(
  system: System,
  worker: Worker,
  work: (held: Held) => Promise<Result>,
): Promise<Result> {
  if (processIds(system, worker).length === 0) await warmUp(system);
  await idle(system, worker);
  const [held, ...others] = processIds(system, worker);
  if (held === undefined) throw new Error(`${worker} has no process.`);
  for (const id of others) signal(id, 'SIGKILL');
  const isAlone = () => (processIds(system, worker).length === 1 ? true : undefined);
  await eventually(`a single process of ${worker}`, isAlone, PATIENCE_MS);
  const before = statistics(system, worker).invocations;
  signal(held, 'SIGSTOP');
  try {
    return await work({
      taken: async (tasks = 1) => {
        const areTaken = () => (statistics(system, worker).invocations >= before + tasks ? true : undefined);
        await eventually(`${tasks} tasks for ${worker}`, areTaken, PATIENCE_MS);
      },
      kill: () => signal(held, 'SIGKILL'),
    });
  } finally {
    signal(held, 'SIGCONT');
  }
}

/** Waits until a worker has nothing to do: a job is in its last state before its worker has answered. */
async function idle(system: System, worker: Worker): Promise<void> {
  const isIdle = async () => ((await system.messages(QUEUES[worker])) === 0 ? true : undefined);
  await eventually(`the end of ${worker}`, isIdle, PATIENCE_MS);
}

/** Has the messages of a queue come again soon whose workers died, as long as `work` takes. */
export async function withVisibility(
  system: System,
  queue: QueueOutput,
  seconds: number,
  work: () => Promise<void>,
): Promise<void> {
  const designed = await system.visibility(queue);
  await system.setVisibility(queue, seconds);
  try {
    await work();
  } finally {
    await system.setVisibility(queue, designed);
  }
}

/** Ends all processes of a worker, whatever they do. */
export function killAll(system: System, worker: Worker): void {
  for (const id of processIds(system, worker)) signal(id, 'SIGKILL');
}

function signal(id: number, name: NodeJS.Signals): void {
  try {
    process.kill(id, name);
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ESRCH') throw error;
  }
}

let warmUps = 0;

/** Takes a file through all workers, so that each has a process. */
async function warmUp(system: System): Promise<void> {
  const upload = await system.put(`uploads/warm-up/inbox/${++warmUps}.csv.gz`, packedExport());
  await jobOfUpload(system, upload, 'SUCCEEDED');
}

const handledSchema = z.object({
  message: z.string().regex(/^The message is \w+\.$/),
  work: z.looseObject({ type: z.string() }),
});

/** What became of the messages about a job or an upload, as `scan stale`. */
export function handled({ logs }: System, about: { jobId: string } | { key: string }): string[] {
  return logs.flatMap(({ line }) => {
    if (!line.startsWith('{')) return [];
    const { success, data } = handledSchema.safeParse(JSON.parse(line));
    if (!success) return [];
    const { message, work } = data;
    const isAbout = 'key' in about ? work['key'] === about.key : work['jobId'] === about.jobId;
    return isAbout ? [`${work.type} ${message.slice('The message is '.length, -1)}`] : [];
  });
}

/** Sends a message of every kind of task for a job, whether it is time for it or not. */
export async function sendTasks(system: System, { tenant, id, run }: Job): Promise<void> {
  const ref = { tenant, jobId: id, run };
  const messages: readonly (readonly [QueueOutput, WorkMessage])[] = [
    ['AnalysisQueueUrl', { type: 'plan', ...ref }],
    ['SignatureQueueUrl', { type: 'scan', ...ref, round: 0, chunk: 0, first: null }],
    ['SignatureQueueUrl', { type: 'analyse', ...ref, shard: 0 }],
    ['ReportQueueUrl', { type: 'report', ...ref }],
  ];
  await Promise.all(messages.map(([queue, message]) => system.send(queue, message)));
}

/** Sends them long after the job is over, all other messages of which were handled. @returns what becomes of them */
export async function sendLateTasks(system: System, job: Job): Promise<string[]> {
  const about = () => handled(system, { jobId: job.id }).filter((message) => !message.startsWith('cancel'));
  const before = about().length;
  await sendTasks(system, job);
  const all = () => (about().length >= before + 4 ? about().slice(before).sort() : undefined);
  return eventually(`what becomes of late messages of ${job.id}`, all, PATIENCE_MS);
}
