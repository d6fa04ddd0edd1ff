import * as z from 'zod';

const name = z.string().min(1);

/** The environment variables of the canary. */
export const canaryEnvironmentSchema = z.object({
  /** Where customers reach the API; ends with a slash. */
  API_URL: z.url().endsWith('/'),
  ACCESS_TABLE: name,
  METRICS_NAMESPACE: name,
});

/** The variables as a stack sets them. */
export type CanaryEnvironment = Readonly<Record<keyof typeof canaryEnvironmentSchema.shape, string>>;

/**
 * What a canary does: has observations analysed in a request; uploads them as a file, and reads the result document of its
 * job; besides reads the list of creatives of that job, which comes out of the database.
 */
export const CANARY_PARTS = ['request', 'upload', 'items'] as const;

export type CanaryPart = (typeof CANARY_PARTS)[number];

/** What the canary is called with; by hand, with nothing, it does everything. */
export const canaryRequestSchema = z.strictObject({
  parts: z
    .array(z.enum(CANARY_PARTS))
    .min(1)
    .default([...CANARY_PARTS]),
});
