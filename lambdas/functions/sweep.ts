import { createSqsQueueDepths } from '../adapters/sqs-queue-depths.ts';
import { sweepEnvironmentSchema } from '../contracts/environment.ts';
import { countDeadLetters, type DeadLetterCount } from '../pipeline/count-dead-letters.ts';
import { runOf } from '../pipeline/job-record.ts';
import { type SweepOutcome, sweep } from '../pipeline/sweep.ts';
import { errorFields, log } from './runtime/log.ts';
import { observed } from './runtime/observed.ts';
import { readEnvironment, type Services, useServices } from './runtime/services.ts';

/** Looks after stranded jobs and given-up messages, on a schedule; answers with what was done to which job. */
export const handler = observed(async (_event: unknown): Promise<Record<string, string>> => {
  const services = useServices();
  // Neither shall keep the other from being done.
  const [swept, counted] = await Promise.allSettled([sweep(services.pipeline, tell), count(services)]);
  if (counted.status === 'fulfilled') tellLetters(counted.value);
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

function tell({ job, action, error }: SweepOutcome): void {
  const about = { ...runOf(job) };
  if (action !== null) log('info', `The job is ${action}.`, about);
  else log('error', 'The job could not be looked after.', { ...about, ...errorFields(error) });
}

function tellLetters({ total, byQueue }: DeadLetterCount): void {
  const level = total === 0 ? 'info' : 'warn';
  log(level, `${total} messages lie in the dead-letter queues.`, { deadLetters: byQueue });
}
