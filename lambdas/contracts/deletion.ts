import * as z from 'zod';
import { datasetIdSchema } from './dataset.ts';
import { tenantSchema } from './job.ts';

const time = z.iso.datetime({ precision: 3 });

/** What is to be deleted, as it is stored until it is done. Asking again replaces it. */
export const deletionSchema = z.strictObject({
  tenant: tenantSchema,
  /** Null for all that there is of the tenant. */
  datasetId: datasetIdSchema.nullable(),
  /** What was there by then goes; what came later under the same name stays. */
  askedAt: time,
  /** When it is worked on next. */
  dueAt: time,
});

export type Deletion = Readonly<z.infer<typeof deletionSchema>>;
