import { STAGE_NAMES, type Stage, stageSchema } from './stage.ts';

/** One full literal per stage, so that a stage can be read in one place; `docs/infrastructure.md` says why. */
const STAGES: Record<Stage['name'], Stage> = {
  dev: {
    name: 'dev',
    deployment: 'creative-dynamics-dev',
    keepsData: false,
    workerMultiplier: 2,
    retentionDays: { uploads: 14, payloads: 14, partials: 14, results: 7, reports: 7, accessLogs: 7 },
    api: {
      requestsPerMinute: 20_000,
      throttle: { rate: 500, burst: 1000 },
      corsOrigins: [],
      identityProvider: null,
    },
    database: { minCapacity: 0, maxCapacity: 2, readers: 0, proxy: false, backupDays: 1, insights: false },
    cache: { maxGigabytes: 1, maxUnitsPerSecond: 1000 },
    logRetentionDays: 7,
  },
  phase1: {
    name: 'phase1',
    deployment: 'creative-dynamics',
    keepsData: true,
    workerMultiplier: 2,
    retentionDays: { uploads: 30, payloads: 14, partials: 30, results: 30, reports: 30, accessLogs: 90 },
    api: {
      requestsPerMinute: 1200,
      throttle: { rate: 500, burst: 1000 },
      corsOrigins: [],
      identityProvider: null,
    },
    database: { minCapacity: 1, maxCapacity: 8, readers: 1, proxy: true, backupDays: 7, insights: false },
    cache: { maxGigabytes: 1, maxUnitsPerSecond: 5000 },
    logRetentionDays: 90,
  },
  phase2: {
    name: 'phase2',
    deployment: 'creative-dynamics',
    keepsData: true,
    workerMultiplier: 8,
    retentionDays: { uploads: 30, payloads: 14, partials: 30, results: 30, reports: 30, accessLogs: 90 },
    api: {
      requestsPerMinute: 1200,
      throttle: { rate: 1000, burst: 2000 },
      corsOrigins: [],
      identityProvider: null,
    },
    database: { minCapacity: 2, maxCapacity: 16, readers: 2, proxy: true, backupDays: 7, insights: true },
    cache: { maxGigabytes: 5, maxUnitsPerSecond: 20_000 },
    logRetentionDays: 90,
  },
  phase3: {
    name: 'phase3',
    deployment: 'creative-dynamics',
    keepsData: true,
    workerMultiplier: 20,
    retentionDays: { uploads: 14, payloads: 14, partials: 14, results: 30, reports: 30, accessLogs: 90 },
    api: {
      requestsPerMinute: 1200,
      throttle: { rate: 5000, burst: 5000 },
      corsOrigins: [],
      identityProvider: null,
    },
    database: { minCapacity: 4, maxCapacity: 16, readers: 3, proxy: true, backupDays: 14, insights: true },
    cache: { maxGigabytes: 10, maxUnitsPerSecond: 30_000 },
    logRetentionDays: 90,
  },
  phase4: {
    name: 'phase4',
    deployment: 'creative-dynamics',
    keepsData: true,
    workerMultiplier: 20,
    retentionDays: { uploads: 14, payloads: 14, partials: 14, results: 30, reports: 30, accessLogs: 90 },
    api: {
      requestsPerMinute: 1200,
      throttle: { rate: 5000, burst: 5000 },
      corsOrigins: [],
      identityProvider: null,
    },
    database: { minCapacity: 8, maxCapacity: 16, readers: 3, proxy: true, backupDays: 14, insights: true },
    cache: { maxGigabytes: 10, maxUnitsPerSecond: 30_000 },
    logRetentionDays: 90,
  },
};

/**
 * The validated settings of a stage.
 *
 * @param name what `-c stage=…` gave; absent means dev
 * @throws Error listing the stages when there is none of that name, ZodError when its literal breaks the schema
 */
export function loadStage(name: unknown = 'dev'): Stage {
  const known = STAGE_NAMES.find((candidate) => candidate === name);
  if (known === undefined) {
    throw new Error(
      `There is no stage ${JSON.stringify(name)}. Choose one with -c stage=NAME: ${STAGE_NAMES.join(', ')}.`,
    );
  }
  return stageSchema.parse(STAGES[known]);
}
