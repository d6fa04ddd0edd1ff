import * as z from 'zod';
import { datasetIdSchema } from './dataset.ts';
import { tenantSchema } from './job.ts';

const time = z.iso.datetime({ precision: 3 });

/** What is to be deleted, as it is stored until it is done. Asking again replaces it. It names nothing that goes. */
export const deletionSchema = z.strictObject({
  tenant: tenantSchema,
  /** Null for all that there is of the tenant. */
  datasetId: datasetIdSchema.nullable(),
  /** What was there by then goes; what came later under the same name stays. */
  askedAt: time,
  /** When it is worked on next. */
  dueAt: time,
  /** The look that was interrupted because it had taken long enough. Absent between two looks. */
  look: z
    .strictObject({
      beganAt: time,
      /** Where it goes on, in the words of whoever looks; null at its beginning. */
      position: z.string().nullable(),
      /** What it has found so far: of a tenant what it removed, of a dataset the jobs that were not over. */
      found: z.int().min(0),
    })
    .exactOptional(),
  /** When something of a tenant was found last. Absent until something is, and for datasets. */
  foundAt: time.exactOptional(),
});

export type DeletionLook = NonNullable<Deletion['look']>;
export type Deletion = Readonly<z.infer<typeof deletionSchema>>;
