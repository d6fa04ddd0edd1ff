import { z } from 'zod';
import { AwsError } from '../../auth/errors.ts';

/** A time as JSON has it (seconds), or CBOR (tagged), in milliseconds. */
export const timeSchema = z
  .union([z.number(), z.object({ tag: z.number(), value: z.number() }).transform(({ value }) => value)])
  .transform((seconds) => seconds * 1000);

/** @throws AwsError 400 when it has not the form */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AwsError(400, 'InvalidParameterValue', z.prettifyError(parsed.error));
}
