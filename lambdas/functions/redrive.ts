import * as z from 'zod';
import { createSqsDeadLetters } from '../adapters/sqs-dead-letters.ts';
import { deadLettersEnvironmentSchema } from '../contracts/environment.ts';
import { jobIdSchema, tenantSchema } from '../contracts/job.ts';
import { requestOf } from '../contracts/request.ts';
import { redriveJob } from '../pipeline/redrive.ts';
import { redriveQueue } from '../pipeline/redrive-queue.ts';
import { alsoLog, log } from './runtime/log.ts';
import { observed } from './runtime/observed.ts';
import { readEnvironment, type Services, useServices } from './runtime/services.ts';

const requestSchema = z.union([
  z.strictObject({ tenant: tenantSchema, jobId: jobIdSchema }),
  z.strictObject({
    queue: z.enum(['analysis', 'signature', 'report']),
    limit: z.int().min(1).max(10_000).default(1000),
  }),
]);

/** Starts a failed job again, or all whose dead letters are in a queue. Called by hand. */
export const handler = observed(async (event: unknown) => {
  const request = requestSchema.parse(event);
  const services = useServices();
  alsoLog(request);
  if ('queue' in request) {
    const { queue, limit } = request;
    const redriven = await redriveQueue(services.pipeline, deadLettersOf(services), queue, limit);
    // The jobs have lines of their own, as soon as workers take them up.
    const { jobs, ...fates } = redriven;
    log('info', 'The dead letters were taken.', { jobs: jobs.length, ...fates });
    return redriven;
  }
  const job = await redriveJob(services.pipeline, request);
  if (job === null) throw new Error(`${request.tenant} has no job ${request.jobId}.`);
  const { id: jobId, state, run } = job;
  log('info', 'The job was redriven.', { ...requestOf(job), state, run });
  return { jobId, state, run };
});

function deadLettersOf({ sqs, queueUrls }: Services) {
  const environment = readEnvironment(deadLettersEnvironmentSchema);
  return createSqsDeadLetters(sqs, {
    analysis: { queue: queueUrls.analysis, deadLetters: environment.ANALYSIS_DEAD_LETTERS_URL },
    signature: { queue: queueUrls.signature, deadLetters: environment.SIGNATURE_DEAD_LETTERS_URL },
    report: { queue: queueUrls.report, deadLetters: environment.REPORT_DEAD_LETTERS_URL },
  });
}
