import * as z from 'zod';
import { time } from './common.ts';

export const healthSchema = z
  .strictObject({ status: z.literal('ok'), version: z.string(), time })
  .meta({ id: 'Health' });

const count = z.int().min(1);

export const apiDescriptionSchema = z
  .strictObject({
    name: z.string(),
    version: z.string().describe('of the API; it only grows'),
    engineVersion: z.string().describe('of the numbers'),
    limits: z.strictObject({
      requestBytes: count.describe('of a body'),
      immediateBytes: count.describe('of a body that is answered at once'),
      immediateObservations: count,
      batchEntries: count,
      pageEntries: count,
      waitSeconds: count.describe('most that Prefer: wait holds an answer back'),
      uploadBytes: count,
    }),
    links: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Api' });
