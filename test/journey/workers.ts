import * as z from 'zod';
import type { Job } from '../../lambdas/contracts/job.ts';
import type { WorkMessage } from '../../lambdas/contracts/messages.ts';
import type { FunctionStatistics } from '../../local/lambda/function.ts';
import { eventually } from '../local/eventually.ts';
import { packedExport } from './exports.ts';
import { jobOfUpload, PATIENCE_MS } from './jobs.ts';
import type { QueueOutput, System } from './system.ts';

/** The functions that take the queues, by a part of their names. */
export type Worker = 'PlanUpload' | 'ScanAndAnaly' | 'WriteReport';

/** What a worker has done since the start. */
export function statistics({ cloud }: System, worker: Worker): FunctionStatistics {
  const found = cloud.statistics()[nameOf(cloud, worker)];
  if (found === undefined) throw new Error(`There is no function ${worker}.`);
  return found;
}

export function processIds({ cloud }: System, worker: Worker): number[] {
  return cloud.processIds(nameOf(cloud, worker));
}

function nameOf(cloud: System['cloud'], worker: Worker): string {
  const name = Object.keys(cloud.statistics()).find((name) => name.includes(`Pipeline${worker}`));
  if (name === undefined) throw new Error(`There is no function ${worker}.`);
  return name;
}

export interface Held {
  /** Waits until a task was handed to the worker, which therefore stands still. */
  taken(): Promise<void>;
  /** Ends the processes where they stand, as the system does with one that takes too much memory. */
  kill(): void;
}

/**
 * Stops the processes of a worker where they stand until `work` is done: what is handed to them meanwhile waits, and
 * nothing else does. A process that is there is used before another is started, so one of these gets the next task.
 */
export async function whileHeld<Result>(
  system: System,
  worker: Worker,
  work: (held: Held) => Promise<Result>,
): Promise<Result> {
  if (processIds(system, worker).length === 0) await warmUp(system);
  let held = processIds(system, worker);
  const before = statistics(system, worker).invocations;
  const signal = (name: NodeJS.Signals) => {
    for (const id of held) process.kill(id, name);
  };
  signal('SIGSTOP');
  try {
    return await work({
      taken: async () => {
        const isTaken = () => (statistics(system, worker).invocations > before ? true : undefined);
        await eventually(`a task for ${worker}`, isTaken, PATIENCE_MS);
      },
      kill: () => {
        signal('SIGKILL');
        held = [];
      },
    });
  } finally {
    signal('SIGCONT');
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

/** Sends a message of every kind of task for a job once more, and waits for what becomes of them. */
export async function sendLateMessages(system: System, { tenant, id, run }: Job): Promise<string[]> {
  const about = () => handled(system, { jobId: id }).filter((message) => !message.startsWith('cancel'));
  const before = about().length;
  const ref = { tenant, jobId: id, run };
  const messages: readonly (readonly [QueueOutput, WorkMessage])[] = [
    ['AnalysisQueueUrl', { type: 'plan', ...ref }],
    ['SignatureQueueUrl', { type: 'scan', ...ref, round: 0, chunk: 0, first: null }],
    ['SignatureQueueUrl', { type: 'analyse', ...ref, shard: 0 }],
    ['ReportQueueUrl', { type: 'report', ...ref }],
  ];
  await Promise.all(messages.map(([queue, message]) => system.send(queue, message)));
  const all = () => (about().length >= before + messages.length ? about().slice(before).sort() : undefined);
  return eventually(`what becomes of late messages of ${id}`, all, PATIENCE_MS);
}
