import middy from '@middy/core';
import { sweep } from '../pipeline/sweep.ts';
import { log } from './runtime/log.ts';
import { observed } from './runtime/observed.ts';
import { useServices } from './runtime/services.ts';

/** Looks after stranded jobs, on a schedule; answers with what was done to which. */
export const handler = middy<unknown, Record<string, string>>()
  .use(observed())
  .handler(async (_event, { awsRequestId }) => {
    const actions = Object.fromEntries(await sweep(useServices().pipeline));
    for (const [jobId, action] of Object.entries(actions)) {
      log('info', `The job is ${action}.`, { requestId: awsRequestId, jobId });
    }
    return actions;
  });
