import middy from '@middy/core';
import * as z from 'zod';
import { createSqsDeadLetters } from '../adapters/sqs-dead-letters.ts';
import { deadLettersEnvironmentSchema } from '../contracts/environment.ts';
import { jobIdSchema, tenantSchema } from '../contracts/job.ts';
import { redriveJob } from '../pipeline/redrive.ts';
import { redriveQueue } from '../pipeline/redrive-queue.ts';
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
export const handler = middy()
  .use(observed())
  .handler(async (event: unknown) => {
    const request = requestSchema.parse(event);
    const services = useServices();
    if ('queue' in request) {
      return redriveQueue(services.pipeline, deadLettersOf(services), request.queue, request.limit);
    }
    const job = await redriveJob(services.pipeline, request);
    if (job === null) throw new Error(`${request.tenant} has no job ${request.jobId}.`);
    return { jobId: job.id, state: job.state, run: job.run };
  });

function deadLettersOf({ sqs, queueUrls }: Services) {
  const environment = readEnvironment(deadLettersEnvironmentSchema);
  return createSqsDeadLetters(sqs, {
    analysis: { queue: queueUrls.analysis, deadLetters: environment.ANALYSIS_DEAD_LETTERS_URL },
    signature: { queue: queueUrls.signature, deadLetters: environment.SIGNATURE_DEAD_LETTERS_URL },
    report: { queue: queueUrls.report, deadLetters: environment.REPORT_DEAD_LETTERS_URL },
  });
}
