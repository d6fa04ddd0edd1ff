import type { Job, JobRef } from '../../lambdas/contracts/job.ts';
import { METRICS } from '../../lambdas/contracts/metric-names.ts';
import { announcedUploadKey } from '../../lambdas/contracts/object-keys.ts';
import { jobIdOf } from '../../lambdas/domain/job/job-id.ts';
import { newJob } from '../../lambdas/pipeline/new-job.ts';
import { readProgress } from '../../lambdas/pipeline/read-progress.ts';
import {
  assert,
  assertExplained,
  assertNobodyHadToHelp,
  assertRedriveEnds,
  assertRoomForAll,
  assertStragglersChangeNothing,
  jobOf,
  resumedIn,
} from './checks.ts';
import { named, SCENARIOS, type Scenario } from './datasets.ts';
import { Random } from './random.ts';
import { type Faults, NO_FAULTS, Simulation } from './simulation.ts';

/** How much goes wrong: from nothing to every sixth call. */
const LEVELS: readonly Faults[] = [
  NO_FAULTS,
  { calls: 0.01, duplicates: 0.2, lostAcks: 0.1, losses: 0 },
  { calls: 0.05, duplicates: 0, lostAcks: 0.1, losses: 0 },
  { calls: 0.04, duplicates: 0.1, lostAcks: 0.05, losses: 0.05 },
  { calls: 0.15, duplicates: 0.1, lostAcks: 0.2, losses: 0.02 },
];
const CANCELS = 0.12;
const OTHERS = 0.15;
const HEAVY = 0.3;
const CROWDED = 0.3;
const LOSES_EVENT = 0.05;

export interface Ending {
  readonly scenario: string;
  readonly state: Job['state'];
  readonly code: string | null;
  readonly faults: number;
  readonly redriven: boolean;
  readonly rescans: number;
  /** Jobs that had to wait for their tenant's turn. */
  readonly waited: number;
  /** Times that the sweeper sent messages again. */
  readonly resumed: number;
  readonly trace: readonly string[];
}

/**
 * Plays one upload with everything that may go wrong, and holds how it ends against what the engine says of the file.
 *
 * @throws Error, with the trace, when something is not as it has to be
 */
export async function play(seed: number): Promise<Ending> {
  const random = new Random(seed);
  const scenario = random.pick(SCENARIOS);
  const faults = random.pick(LEVELS);
  // In some stories every job is a heavy one, of which one a minute may start.
  const heavy = random.chance(HEAVY) ? { heavyBytes: 100, heavyPerMinute: 1 } : {};
  // In some, only one job of the tenant may run at a time.
  const crowded = random.chance(CROWDED) ? { inFlightJobs: 1 } : {};
  const simulation = new Simulation(seed + 1, { ...scenario.settings, ...heavy, ...crowded }, faults);
  try {
    return await playScenario(simulation, scenario, random);
  } catch (error) {
    const told = simulation.trace.slice(-60).join('\n');
    throw new Error(`Seed ${seed}, ${scenario.name}: ${String(error)}\n${told}`, { cause: error });
  }
}

async function playScenario(simulation: Simulation, scenario: Scenario, random: Random): Promise<Ending> {
  const isLost = random.chance(LOSES_EVENT);
  const { faults } = simulation;
  const ref = await upload(simulation, scenario, random, { name: 'first', isLost });
  // Another job of the same tenant has to change nothing, also where the two wait for each other's turn.
  const hasOther = random.chance(OTHERS);
  const other = hasOther
    ? await upload(simulation, scenario, random, { name: 'other', isLost: false })
    : null;
  const cancelAt = random.chance(CANCELS) ? random.below(120) : null;
  const progress = watchProgress(simulation, ref);
  const watch = () => {
    progress();
    assertRoomForAll(simulation);
  };
  let steps = 0;
  simulation.onStep = () => {
    watch();
    if (steps++ === cancelAt) simulation.cancel(ref);
  };
  await simulation.run();
  simulation.onStep = watch;

  const ended = jobOf(simulation, ref);
  await assertExplained(simulation, ended, scenario, cancelAt !== null);
  if (!isLost) assertNobodyHadToHelp(simulation);
  const resumed = resumedIn(simulation);
  if (other !== null) await assertExplained(simulation, jobOf(simulation, other), scenario, false);
  await assertStragglersChangeNothing(simulation, ref);
  const redriven = ended.state === 'FAILED';
  if (redriven) {
    const isMended = scenario.refusal !== undefined && random.chance(0.5);
    const redrivenAs = isMended ? mend(simulation, ended, scenario) : scenario;
    await assertRedriveEnds(simulation, ref, redrivenAs, faults);
  }
  assert(simulation.store.violations.length === 0, simulation.store.violations.join('; '));
  const { faultsDone, trace, store } = simulation;
  const code = ended.error?.code ?? null;
  const rescans = store.counts.get(METRICS.chunksRescanned) ?? 0;
  const waited = store.counts.get(METRICS.jobsDelayed) ?? 0;
  const { name } = scenario;
  return {
    scenario: name,
    state: ended.state,
    code,
    faults: faultsDone,
    redriven,
    rescans,
    waited,
    resumed,
    trace,
  };
}

/** Uploads a file that can be analysed in place of one that cannot, and lets everything from before come once more. */
function mend(simulation: Simulation, job: Job, { refusal: _, ...scenario }: Scenario): Scenario {
  const { bytes } = named('plain');
  simulation.store.put(job.source.key, bytes);
  for (const message of [...simulation.sent]) simulation.enqueue(message);
  return { ...scenario, name: `${scenario.name}, mended`, bytes };
}

/** Announces the job, uploads its file, and has S3 tell of it: once, twice, or not at all. */
async function upload(
  simulation: Simulation,
  scenario: Scenario,
  random: Random,
  event: { readonly name: string; readonly isLost: boolean },
): Promise<JobRef> {
  const tenant = 'acme';
  const id = jobIdOf(simulation.now, event.name);
  const key = announcedUploadKey({ tenant, dataset: 'ds_1', jobId: id, fileName: scenario.fileName });
  const source = { key, versionId: null, etag: null, bytes: null };
  const { hints, parameters, name } = scenario;
  const given = {
    id,
    tenant,
    origin: 'upload',
    dataset: { id: 'ds_1', name },
    source,
    hints,
    parameters,
  } as const;
  const { job, event: first } = newJob(given, simulation.now);
  await simulation.outside.jobs.create(job, [first]);
  const { versionId, etag } = simulation.store.put(key, scenario.bytes);
  const { now } = simulation;
  const told = { type: 'uploaded', key, versionId, etag, bytes: scenario.bytes.length, at: now } as const;
  if (!event.isLost) simulation.enqueue(told);
  if (!event.isLost && random.chance(0.2)) simulation.enqueue(told, random.below(200));
  return { tenant, jobId: id };
}

/** Holds that the percentage never falls within a run, looked at whenever the job has been written. */
function watchProgress(simulation: Simulation, ref: JobRef): () => void {
  let percent = 0;
  let seen = 0;
  let run = 1;
  return () => {
    const job = simulation.store.get(ref);
    if (job === null || job.revision === seen) return;
    seen = job.revision;
    if (job.run !== run) percent = 0;
    run = job.run;
    readProgress(simulation.outside, job).then((progress) => {
      if (progress.percent < percent)
        simulation.store.violations.push(`${percent} % fell to ${progress.percent} %`);
      percent = Math.max(percent, progress.percent);
    });
  };
}
