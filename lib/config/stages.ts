import { STAGE_NAMES, type Stage, stageSchema } from './stage.ts';

/** One full literal per stage, so that a stage can be read in one place; `docs/infrastructure.md` says why. */
const STAGES: Record<Stage['name'], Stage> = {
  dev: {
    name: 'dev',
    deployment: 'creative-dynamics-dev',
    keepsData: false,
    workers: { least: 2, usual: 2, most: 4, readyPollers: null },
    retentionDays: { uploads: 14, payloads: 14, partials: 14, results: 7, reports: 7, accessLogs: 7 },
    api: {
      requestsPerMinute: 20_000,
      throttle: { rate: 500, burst: 1000 },
      corsOrigins: [],
      identityProvider: null,
      provisioned: null,
      reserved: null,
      requestsPerAddress: null,
    },
    database: {
      minCapacity: 0,
      maxCapacity: 2,
      readers: { fixed: 0, most: 0 },
      proxy: false,
      backupDays: 1,
      insights: false,
    },
    cache: {
      usual: { gigabytes: 1, unitsPerSecond: 1000 },
      most: { gigabytes: 1, unitsPerSecond: 5000 },
    },
    quotas: { jobs: 50, gigabytes: 1000, heavyPerMinute: 10 },
    alarms: { page: false, p95Milliseconds: 1000, accountConcurrency: 1000 },
    logLevel: 'debug',
    logRetentionDays: 7,
    budgetDollars: 50,
  },
  phase1: {
    name: 'phase1',
    deployment: 'creative-dynamics',
    keepsData: true,
    workers: { least: 2, usual: 2, most: 10, readyPollers: null },
    retentionDays: { uploads: 30, payloads: 14, partials: 14, results: 30, reports: 30, accessLogs: 90 },
    api: {
      requestsPerMinute: 1200,
      throttle: { rate: 500, burst: 1000 },
      corsOrigins: [],
      identityProvider: null,
      provisioned: {
        control: { min: 2, max: 20 },
        query: { min: 2, max: 20 },
        analyze: { min: 6, max: 100 },
        authorizer: { min: 2, max: 20 },
      },
      reserved: { control: 20, query: 20, analyze: 100, authorizer: 20 },
      requestsPerAddress: 30_000,
    },
    database: {
      minCapacity: 1,
      maxCapacity: 8,
      readers: { fixed: 1, most: 5 },
      proxy: true,
      backupDays: 7,
      insights: false,
    },
    cache: {
      usual: { gigabytes: 1, unitsPerSecond: 5000 },
      most: { gigabytes: 5, unitsPerSecond: 30_000 },
    },
    quotas: { jobs: 50, gigabytes: 1000, heavyPerMinute: 10 },
    alarms: { page: true, p95Milliseconds: 200, accountConcurrency: 1000 },
    logLevel: 'info',
    logRetentionDays: 90,
    budgetDollars: 600,
  },
  phase2: {
    name: 'phase2',
    deployment: 'creative-dynamics',
    keepsData: true,
    workers: { least: 2, usual: 8, most: 20, readyPollers: null },
    retentionDays: { uploads: 30, payloads: 14, partials: 14, results: 30, reports: 30, accessLogs: 90 },
    api: {
      requestsPerMinute: 1200,
      throttle: { rate: 1000, burst: 2000 },
      corsOrigins: [],
      identityProvider: null,
      provisioned: {
        control: { min: 5, max: 40 },
        query: { min: 2, max: 40 },
        analyze: { min: 23, max: 100 },
        authorizer: { min: 2, max: 20 },
      },
      reserved: { control: 40, query: 40, analyze: 100, authorizer: 20 },
      requestsPerAddress: 150_000,
    },
    database: {
      minCapacity: 2,
      maxCapacity: 16,
      readers: { fixed: 2, most: 5 },
      proxy: true,
      backupDays: 7,
      insights: true,
    },
    cache: {
      usual: { gigabytes: 5, unitsPerSecond: 20_000 },
      most: { gigabytes: 20, unitsPerSecond: 90_000 },
    },
    quotas: { jobs: 100, gigabytes: 2000, heavyPerMinute: 10 },
    alarms: { page: true, p95Milliseconds: 200, accountConcurrency: 1000 },
    logLevel: 'info',
    logRetentionDays: 90,
    budgetDollars: 1500,
  },
  phase3: {
    name: 'phase3',
    deployment: 'creative-dynamics',
    keepsData: true,
    workers: { least: 4, usual: 20, most: 40, readyPollers: 2 },
    retentionDays: { uploads: 14, payloads: 14, partials: 14, results: 30, reports: 30, accessLogs: 90 },
    api: {
      requestsPerMinute: 1200,
      throttle: { rate: 5000, burst: 5000 },
      corsOrigins: [],
      identityProvider: null,
      provisioned: {
        control: { min: 9, max: 40 },
        query: { min: 4, max: 40 },
        analyze: { min: 45, max: 100 },
        authorizer: { min: 4, max: 40 },
      },
      reserved: { control: 40, query: 40, analyze: 100, authorizer: 40 },
      requestsPerAddress: 300_000,
    },
    database: {
      minCapacity: 4,
      maxCapacity: 16,
      readers: { fixed: 3, most: 10 },
      proxy: true,
      backupDays: 14,
      insights: true,
    },
    cache: {
      usual: { gigabytes: 10, unitsPerSecond: 30_000 },
      most: { gigabytes: 50, unitsPerSecond: 200_000 },
    },
    quotas: { jobs: 200, gigabytes: 5000, heavyPerMinute: 20 },
    alarms: { page: true, p95Milliseconds: 200, accountConcurrency: 3000 },
    logLevel: 'info',
    logRetentionDays: 90,
    budgetDollars: 3500,
  },
  // One of its two Regions; of what ties them together nothing is here yet. The budget is that of both.
  phase4: {
    name: 'phase4',
    deployment: 'creative-dynamics',
    keepsData: true,
    workers: { least: 4, usual: 20, most: 40, readyPollers: 2 },
    retentionDays: { uploads: 14, payloads: 14, partials: 14, results: 30, reports: 30, accessLogs: 90 },
    api: {
      requestsPerMinute: 1200,
      throttle: { rate: 5000, burst: 5000 },
      corsOrigins: [],
      identityProvider: null,
      provisioned: {
        control: { min: 9, max: 40 },
        query: { min: 4, max: 40 },
        analyze: { min: 45, max: 100 },
        authorizer: { min: 4, max: 40 },
      },
      reserved: { control: 40, query: 40, analyze: 100, authorizer: 40 },
      requestsPerAddress: 300_000,
    },
    database: {
      minCapacity: 8,
      maxCapacity: 16,
      readers: { fixed: 3, most: 10 },
      proxy: true,
      backupDays: 14,
      insights: true,
    },
    cache: {
      usual: { gigabytes: 10, unitsPerSecond: 30_000 },
      most: { gigabytes: 50, unitsPerSecond: 200_000 },
    },
    quotas: { jobs: 200, gigabytes: 5000, heavyPerMinute: 20 },
    alarms: { page: true, p95Milliseconds: 200, accountConcurrency: 3000 },
    logLevel: 'info',
    logRetentionDays: 90,
    budgetDollars: 7000,
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
