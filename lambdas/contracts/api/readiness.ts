import * as z from 'zod';

const limit = z.number().min(0);
const used = limit.nullable().describe('null when nothing was heard of it');

/** What something may grow to and what of it is used, as who can ask has last seen it. */
const capacitySchema = z.strictObject({
  seenAt: z.iso.datetime({ precision: 3 }),
  status: z.string().describe("the service's own word for it, such as available or modifying"),
  limits: z.strictObject({ gigabytes: limit, unitsPerSecond: limit }),
  used: z.strictObject({ gigabytes: used, unitsPerSecond: used }),
});
export type Capacity = Readonly<z.infer<typeof capacitySchema>>;

export const readinessSchema = z
  .strictObject({
    status: z.enum(['ok', 'degraded']).describe('degraded: something is down that answers do not need'),
    dependencies: z.array(
      z.strictObject({
        name: z.string(),
        optional: z.boolean().describe('whether answers are the same without it, only slower'),
        state: z.enum(['up', 'down', 'late']),
        milliseconds: z.number().min(0),
        capacity: capacitySchema.exactOptional().describe('of the cache, while it is known'),
      }),
    ),
  })
  .meta({ id: 'Readiness' });
