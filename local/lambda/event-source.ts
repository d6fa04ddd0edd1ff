import { z } from 'zod';
import type { DeployedResource } from '../assembly/deployment.ts';

/** What of an event source mapping can be changed while it is there. */
export interface MappingSettings {
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** Whether the function's answer says which messages of a batch failed. */
  readonly reportsFailures: boolean;
  /** Batches at a time; undefined is as many as the account has environments. */
  readonly maximumConcurrency: number | undefined;
  /** Pollers that are kept; they have a limit of their own instead. */
  readonly pollers: { readonly least: number; readonly most: number } | undefined;
}

/** An event source mapping of a queue, as the template has it. */
export interface EventSource {
  readonly queueArn: string;
  /** Name or ARN. */
  readonly functionName: string;
  readonly settings: MappingSettings;
}

const REPORTING = 'ReportBatchItemFailures';
/** Batches that one provisioned poller hands to the function at a time. */
const BATCHES_PER_POLLER = 10;
const DEFAULT_POLLERS = { least: 2, most: 200 };

const propertiesSchema = z.looseObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.coerce.number().default(10),
  MaximumBatchingWindowInSeconds: z.coerce.number().default(0),
  Enabled: z.boolean().default(true),
  FunctionResponseTypes: z.array(z.string()).default([]),
  ScalingConfig: z.looseObject({ MaximumConcurrency: z.coerce.number().optional() }).optional(),
  ProvisionedPollerConfig: z
    .looseObject({
      MinimumPollers: z.coerce.number().optional(),
      MaximumPollers: z.coerce.number().optional(),
    })
    .optional(),
});

/** @throws Error naming the mapping when it has not the form of one of a queue */
export function eventSource({ logicalId, properties }: DeployedResource): EventSource {
  const parsed = propertiesSchema.safeParse(properties);
  if (!parsed.success) throw new Error(`${logicalId}: ${z.prettifyError(parsed.error)}`);
  const { ScalingConfig, ProvisionedPollerConfig: pollers, ...given } = parsed.data;
  return {
    queueArn: given.EventSourceArn,
    functionName: given.FunctionName,
    settings: {
      enabled: given.Enabled,
      batchSize: given.BatchSize,
      windowSeconds: given.MaximumBatchingWindowInSeconds,
      reportsFailures: reportsFailures(given.FunctionResponseTypes),
      maximumConcurrency: ScalingConfig?.MaximumConcurrency,
      pollers: pollers === undefined ? undefined : pollersOf(pollers),
    },
  };
}

export function reportsFailures(responseTypes: readonly string[]): boolean {
  return responseTypes.includes(REPORTING);
}

/** Pollers as a request or a template asks for them; those it leaves out are Lambda's. */
export function pollersOf(given: {
  readonly MinimumPollers?: number | undefined;
  readonly MaximumPollers?: number | undefined;
}): NonNullable<MappingSettings['pollers']> {
  return {
    least: given.MinimumPollers ?? DEFAULT_POLLERS.least,
    most: given.MaximumPollers ?? DEFAULT_POLLERS.most,
  };
}

/** Most batches that a mapping has handled at a time. @param account what there is where it sets no limit */
export function capOf({ maximumConcurrency, pollers }: MappingSettings, account: number): number {
  return pollers === undefined ? (maximumConcurrency ?? account) : pollers.most * BATCHES_PER_POLLER;
}

/** The settings as Lambda's API words them. */
export function settingsInWords(settings: MappingSettings): Record<string, unknown> {
  const { maximumConcurrency, pollers } = settings;
  return {
    BatchSize: settings.batchSize,
    MaximumBatchingWindowInSeconds: settings.windowSeconds,
    FunctionResponseTypes: settings.reportsFailures ? [REPORTING] : [],
    ...(maximumConcurrency !== undefined && { ScalingConfig: { MaximumConcurrency: maximumConcurrency } }),
    ...(pollers !== undefined && {
      ProvisionedPollerConfig: { MinimumPollers: pollers.least, MaximumPollers: pollers.most },
    }),
  };
}
