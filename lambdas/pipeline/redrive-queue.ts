import { parseMessage, type QueueMessage, type QueueName } from '../contracts/messages.ts';
import { AnalysisError } from '../domain/errors.ts';
import { isFinal } from '../domain/job/states.ts';
import type { DeadLetter, DeadLetters } from '../ports/dead-letters.ts';
import { jobStartedBy } from './accept-upload.ts';
import type { PipelineContext } from './context.ts';
import { refOf } from './job-record.ts';
import { redriveJob } from './redrive.ts';

/** What became of a dead letter: its job was started again, it was sent again, it was of no use, or nobody can tell. */
type Fate = 'redriven' | 'returned' | 'dropped' | 'left';

export interface QueueRedrive extends Readonly<Record<Fate, number>> {
  /** Ids of the jobs that were started again. */
  readonly jobs: readonly string[];
}

/**
 * Empties a dead-letter queue. Failed jobs are started again, once each, and go on where they stopped; messages without
 * a failed job are sent again; those of jobs that are over are dropped. What cannot be read or redriven is left.
 *
 * @param limit most letters to take
 */
export async function redriveQueue(
  context: PipelineContext,
  deadLetters: DeadLetters,
  queue: QueueName,
  limit: number,
): Promise<QueueRedrive> {
  const fates: Record<Fate, number> = { redriven: 0, returned: 0, dropped: 0, left: 0 };
  const jobs = new Set<string>();
  for await (const letter of deadLetters.take(queue, limit)) {
    fates[await settle(context, letter, jobs)]++;
  }
  return { ...fates, jobs: [...jobs] };
}

async function settle(context: PipelineContext, letter: DeadLetter, jobs: Set<string>): Promise<Fate> {
  const message = messageOf(letter);
  if (message === null) return 'left';
  const isUpload = message.type === 'uploaded';
  try {
    const job = isUpload ? await jobStartedBy(context, message) : await context.jobs.get(message);
    if (job?.state === 'FAILED' && !jobs.has(job.id)) {
      await redriveJob(context, refOf(job));
      jobs.add(job.id);
    }
    const isRedriven = job !== null && jobs.has(job.id);
    // An upload without a job has yet to get one.
    const isOfUse = job === null ? isUpload : !isFinal(job.state);
    if (isOfUse && !isRedriven) {
      await letter.giveBack();
      return 'returned';
    }
    await letter.remove();
    return isRedriven ? 'redriven' : 'dropped';
  } catch (error) {
    // The file of the job is gone: the letter tells what was lost.
    if (error instanceof AnalysisError) return 'left';
    throw error;
  }
}

function messageOf({ body }: DeadLetter): QueueMessage | null {
  try {
    return parseMessage(body);
  } catch {
    return null;
  }
}
