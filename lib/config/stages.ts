import { STAGE_NAMES, type Stage, stageSchema } from './stage.ts';

/** One full literal per stage, so that a stage can be read in one place; `docs/infrastructure.md` says why. */
const STAGES: Record<Stage['name'], Stage> = {
  dev: {
    name: 'dev',
    deployment: 'creative-dynamics-dev',
    keepsData: false,
    workerMultiplier: 2,
    retentionDays: { uploads: 14, payloads: 14, partials: 14, results: 7, reports: 7, accessLogs: 7 },
    logRetentionDays: 7,
  },
  phase1: {
    name: 'phase1',
    deployment: 'creative-dynamics',
    keepsData: true,
    workerMultiplier: 2,
    retentionDays: { uploads: 30, payloads: 14, partials: 30, results: 30, reports: 30, accessLogs: 90 },
    logRetentionDays: 90,
  },
  phase2: {
    name: 'phase2',
    deployment: 'creative-dynamics',
    keepsData: true,
    workerMultiplier: 8,
    retentionDays: { uploads: 30, payloads: 14, partials: 30, results: 30, reports: 30, accessLogs: 90 },
    logRetentionDays: 90,
  },
  phase3: {
    name: 'phase3',
    deployment: 'creative-dynamics',
    keepsData: true,
    workerMultiplier: 20,
    retentionDays: { uploads: 14, payloads: 14, partials: 14, results: 30, reports: 30, accessLogs: 90 },
    logRetentionDays: 90,
  },
  phase4: {
    name: 'phase4',
    deployment: 'creative-dynamics',
    keepsData: true,
    workerMultiplier: 20,
    retentionDays: { uploads: 14, payloads: 14, partials: 14, results: 30, reports: 30, accessLogs: 90 },
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
