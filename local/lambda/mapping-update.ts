import { z } from 'zod';
import type { JsonObject } from '../assembly/json.ts';
import { AwsError } from '../auth/errors.ts';
import { type MappingSettings, pollersOf, reportsFailures } from './event-source.ts';

// Words of AWS's validation, which names the first letter of a member in lower case.
const integer = (least: number, most: number) =>
  z
    .int('Member must be an integer')
    .min(least, `Member must have value greater than or equal to ${least}`)
    .max(most, `Member must have value less than or equal to ${most}`);

const updateSchema = z.strictObject({
  Enabled: z.boolean().optional(),
  BatchSize: integer(1, 10_000).optional(),
  MaximumBatchingWindowInSeconds: integer(0, 300).optional(),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).optional(),
  ScalingConfig: z.strictObject({ MaximumConcurrency: integer(2, 1000).optional() }).optional(),
  ProvisionedPollerConfig: z
    .strictObject({
      MinimumPollers: integer(2, 200).optional(),
      MaximumPollers: integer(2, 10_000).optional(),
    })
    .optional(),
});

type Update = z.infer<typeof updateSchema>;

/**
 * A mapping's settings after a request to update it: what the request leaves out stays, and an empty `ScalingConfig` or
 * `ProvisionedPollerConfig` takes that limit away.
 *
 * @param reservedConcurrency of the function, which the mapping's may not exceed
 * @throws AwsError 400 with AWS's reason
 */
export function updatedSettings(
  settings: MappingSettings,
  request: JsonObject,
  reservedConcurrency: number | undefined,
): MappingSettings {
  const update = parseUpdate(request);
  const { ScalingConfig: scaling, ProvisionedPollerConfig: pollers } = update;
  const isEmpty = pollers !== undefined && Object.keys(pollers).length === 0;
  const updated = {
    enabled: update.Enabled ?? settings.enabled,
    batchSize: update.BatchSize ?? settings.batchSize,
    windowSeconds: update.MaximumBatchingWindowInSeconds ?? settings.windowSeconds,
    reportsFailures:
      update.FunctionResponseTypes === undefined
        ? settings.reportsFailures
        : reportsFailures(update.FunctionResponseTypes),
    maximumConcurrency: scaling === undefined ? settings.maximumConcurrency : scaling.MaximumConcurrency,
    pollers: pollers === undefined ? settings.pollers : isEmpty ? undefined : pollersOf(pollers),
  };
  check(updated, reservedConcurrency);
  return updated;
}

function check(settings: MappingSettings, reserved: number | undefined): void {
  const { batchSize, windowSeconds, maximumConcurrency, pollers } = settings;
  if (batchSize > 10 && windowSeconds === 0) {
    throw invalid(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
  }
  if (pollers !== undefined && pollers.least > pollers.most)
    throw invalid('MinimumPollers must be less than or equal to MaximumPollers');
  if (maximumConcurrency !== undefined && pollers !== undefined)
    throw invalid('ScalingConfig and ProvisionedPollerConfig exclude each other');
  if (reserved !== undefined && maximumConcurrency !== undefined && maximumConcurrency > reserved) {
    throw invalid(
      `MaximumConcurrency (${maximumConcurrency}) is more than the function's reserved concurrency (${reserved})`,
    );
  }
}

function parseUpdate(request: JsonObject): Update {
  const parsed = updateSchema.safeParse(request);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys')
    throw new AwsError(501, 'NotImplemented', `${issue.keys.join(', ')} of a mapping is not imitated.`);
  const path = issue?.path.map(String) ?? [];
  const member = path.map((name) => name.charAt(0).toLowerCase() + name.slice(1)).join('.');
  const value = path.reduce<unknown>(memberOf, request);
  throw invalid(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${issue?.message}`,
  );
}

function memberOf(value: unknown, name: string): unknown {
  return new Map(Object.entries(value ?? {})).get(name);
}

function invalid(message: string): AwsError {
  return new AwsError(400, 'InvalidParameterValueException', message);
}
