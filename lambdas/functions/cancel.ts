import middy from '@middy/core';
import * as z from 'zod';
import { jobIdSchema, tenantSchema } from '../contracts/job.ts';
import { cancelJob } from '../pipeline/cancel.ts';
import { observed } from './runtime/observed.ts';
import { useServices } from './runtime/services.ts';

const requestSchema = z.strictObject({ tenant: tenantSchema, jobId: jobIdSchema });

/** Asks a job to stop. Called by hand; answers with the job's state. */
export const handler = middy<unknown, { jobId: string; state: string }>()
  .use(observed())
  .handler(async (event) => {
    const { tenant, jobId } = requestSchema.parse(event);
    const job = await cancelJob(useServices().pipeline, { tenant, jobId });
    if (job === null) throw new Error(`${tenant} has no job ${jobId}.`);
    return { jobId, state: job.state };
  });
