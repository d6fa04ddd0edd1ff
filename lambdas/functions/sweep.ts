import middy from '@middy/core';
import { createSqsQueueDepths } from '../adapters/sqs-queue-depths.ts';
import { sweepEnvironmentSchema } from '../contracts/environment.ts';
import { countDeadLetters, type DeadLetterCount } from '../pipeline/count-dead-letters.ts';
import { type SweepAction, sweep } from '../pipeline/sweep.ts';
import { log } from './runtime/log.ts';
import { observed } from './runtime/observed.ts';
import { readEnvironment, type Services, useServices } from './runtime/services.ts';

/** Looks after stranded jobs and given-up messages, on a schedule; answers with what was done to which job. */
export const handler = middy<unknown, Record<string, string>>()
  .use(observed())
  .handler(async (_event, { awsRequestId: requestId }) => {
    const services = useServices();
    // Neither shall keep the other from being done.
    const [swept, counted] = await Promise.allSettled([sweep(services.pipeline), count(services)]);
    if (counted.status === 'fulfilled') tellLetters(counted.value, requestId);
    if (swept.status === 'fulfilled') tellActions(swept.value, requestId);
    if (swept.status === 'rejected') throw swept.reason;
    if (counted.status === 'rejected') throw counted.reason;
    return Object.fromEntries(swept.value);
  });

function count({ sqs, pipeline }: Services): Promise<DeadLetterCount> {
  const environment = readEnvironment(sweepEnvironmentSchema);
  const deadLetters = createSqsQueueDepths(sqs, {
    analysis: environment.ANALYSIS_DEAD_LETTERS_URL,
    signature: environment.SIGNATURE_DEAD_LETTERS_URL,
    report: environment.REPORT_DEAD_LETTERS_URL,
    deliveries: environment.DELIVERY_DEAD_LETTERS_URL,
    undeliveredUploads: environment.UNDELIVERED_UPLOADS_URL,
  });
  return countDeadLetters(pipeline, deadLetters);
}

function tellActions(actions: ReadonlyMap<string, SweepAction>, requestId: string): void {
  for (const [jobId, action] of actions) log('info', `The job is ${action}.`, { requestId, jobId });
}

function tellLetters({ total, byQueue }: DeadLetterCount, requestId: string): void {
  const level = total === 0 ? 'info' : 'warn';
  log(level, `${total} messages lie in the dead-letter queues.`, { requestId, deadLetters: byQueue });
}
