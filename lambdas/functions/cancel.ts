import * as z from 'zod';
import { jobIdSchema, tenantSchema } from '../contracts/job.ts';
import { requestOf } from '../contracts/request.ts';
import { cancelJob } from '../pipeline/cancel.ts';
import { alsoLog, log } from './runtime/log.ts';
import { observed } from './runtime/observed.ts';
import { useServices } from './runtime/services.ts';

const requestSchema = z.strictObject({ tenant: tenantSchema, jobId: jobIdSchema });

/** Asks a job to stop. Called by hand; answers with the job's state. */
export const handler = observed(async (event: unknown) => {
  const { tenant, jobId } = requestSchema.parse(event);
  alsoLog({ tenant, jobId });
  const job = await cancelJob(useServices().pipeline, { tenant, jobId });
  if (job === null) throw new Error(`${tenant} has no job ${jobId}.`);
  log('info', 'The job was asked to stop.', { ...requestOf(job), state: job.state });
  return { jobId, state: job.state };
});
