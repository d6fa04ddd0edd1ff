import * as z from 'zod';

export const readinessSchema = z
  .strictObject({
    status: z.enum(['ok', 'degraded']).describe('degraded: something is down that answers do not need'),
    dependencies: z.array(
      z.strictObject({
        name: z.string(),
        optional: z.boolean().describe('whether answers are the same without it, only slower'),
        state: z.enum(['up', 'down', 'late']),
        milliseconds: z.number().min(0),
      }),
    ),
  })
  .meta({ id: 'Readiness' });
