import type { Job, JobRef } from '../../lambdas/contracts/job.ts';
import { METRICS } from '../../lambdas/contracts/metric-names.ts';
import { documentKey, reportCsvKey } from '../../lambdas/contracts/object-keys.ts';
import { readResults } from '../../lambdas/pipeline/read-results.ts';
import { redriveJob } from '../../lambdas/pipeline/redrive.ts';
import type { Scenario } from './datasets.ts';
import { type Reference, reference } from './reference.ts';
import { type Faults, NO_FAULTS, type Simulation } from './simulation.ts';

const references = new Map<string, Promise<Reference>>();

export async function assertExplained(
  simulation: Simulation,
  job: Job,
  scenario: Scenario,
  cancelled: boolean,
): Promise<void> {
  const isExplained = explains(job, scenario, simulation, cancelled);
  assert(isExplained, `${job.state} is not explained: ${JSON.stringify(job.error)}`);
  assertAnnounced(simulation, job);
  if (job.state === 'SUCCEEDED') await assertReports(simulation, job, scenario);
}

/** Webhooks were told how it ended, with the time of this end, and the job notes it. */
function assertAnnounced({ store }: Simulation, { id, run, state, finishedAt, announced }: Job): void {
  const told = store.webhooks.told.filter(({ data }) => data['jobId'] === id);
  const wanted = told.filter(
    ({ type, timestamp, data }) =>
      type === `job.${state.toLowerCase()}` && timestamp === finishedAt && data['run'] === run,
  );
  assert(wanted.length === 1, `webhooks were not told once that it is ${state}: ${JSON.stringify(told)}`);
  assert(announced === true, 'that webhooks were told is not noted');
}

function explains(job: Job, scenario: Scenario, { faultsDone }: Simulation, cancelled: boolean): boolean {
  switch (job.state) {
    case 'SUCCEEDED':
      return scenario.refusal === undefined;
    case 'CANCELLED':
      return cancelled;
    case 'FAILED':
      if (job.error === null || !job.error.announced) return false;
      if (job.error.code !== 'internal') return job.error.code === scenario.refusal;
      return faultsDone > 0 && /failed [45] times|stood still/.test(job.error.message);
    default:
      return false;
  }
}

async function assertReports(simulation: Simulation, job: Job, scenario: Scenario): Promise<void> {
  const { store } = simulation;
  const expected = await (references.get(scenario.name) ?? reference(scenario));
  references.set(scenario.name, Promise.resolve(expected));
  const run = { tenant: job.tenant, jobId: job.id, run: job.run };
  assert(store.text(documentKey(run)) === expected.json, 'the document has other bytes');
  assert(store.text(reportCsvKey(run)) === expected.csv, 'the CSV report has other bytes');
  const { totals } = JSON.parse(expected.json);
  assert(JSON.stringify(job.totals) === JSON.stringify(totals), 'the job has other totals');
  const counted = Object.values(job.statuses ?? {}).reduce((sum, count) => sum + count, 0);
  assert(counted === totals.analysed, 'the statuses are not those of the analysed creatives');
  await assertResults(simulation, job, expected);
  const name = `${job.tenant}/${job.id}/${job.run}`;
  assert(store.loaded.has(name) && job.stored === true, 'the results cannot be searched');
  const hasJoined = store.joined.has(name) && job.joined === true;
  assert(job.history !== 'adds' || hasJoined, 'the upload has not joined the history');
}

/** The results of all shards are those of all items, with their daily totals. */
async function assertResults({ outside }: Simulation, job: Job, { items }: Reference): Promise<void> {
  const shards = job.plan?.shards ?? 0;
  const run = { tenant: job.tenant, jobId: job.id, run: job.run };
  let count = 0;
  for await (const { item, result, series } of readResults(outside.objects, run, shards)) {
    const { id } = item.result;
    const expected = items.get(id);
    assert(result === expected?.result, `"${id}" has another result`);
    assert(series === expected?.series, `"${id}" has other daily totals`);
    count++;
  }
  assert(count === items.size, `${count} results of ${items.size} items`);
}

/**
 * Deaths and failures alone leave every message to be delivered again, and so nothing for the sweeper to resume: it is
 * there for messages that are gone.
 */
export function assertNobodyHadToHelp(simulation: Simulation): void {
  assert(
    resumedIn(simulation) === 0 || lostIn(simulation) > 0,
    'a job stood still although no message was lost',
  );
}

export function resumedIn({ store }: Simulation): number {
  return store.counts.get(METRICS.jobsResumed) ?? 0;
}

/** Messages that may be gone before their work was done. */
function lostIn({ duplicates, deadLetters, losses }: Simulation): number {
  return duplicates + deadLetters.length + losses;
}

/** No more jobs of a tenant run than may. */
export function assertRoomForAll({ store, outside }: Simulation): void {
  const running = [...store.jobs.values()].filter(
    ({ state }) => state === 'PLANNING' || state === 'PROCESSING' || state === 'REPORTING',
  );
  const { inFlightJobs } = outside.settings;
  assert(running.length <= inFlightJobs, `${running.length} jobs run at a time, not ${inFlightJobs}`);
}

/** Delivers once more every message there ever was. */
export async function assertStragglersChangeNothing(simulation: Simulation, ref: JobRef): Promise<void> {
  const state = ({ store }: Simulation) => [
    jobOf(simulation, ref),
    store.objects.size,
    store.failures.length,
    store.webhooks.deliveries.size,
  ];
  const before = state(simulation);
  simulation.faults = NO_FAULTS;
  for (const message of [...simulation.sent]) simulation.enqueue(message);
  await simulation.run();
  const after = state(simulation);
  assert(JSON.stringify(after) === JSON.stringify(before), `stragglers changed ${JSON.stringify(before[0])}`);
  const running = simulation.store.inFlight.of(ref.tenant);
  assert(running.length === 0, `${running} counts as running although all is over`);
}

/**
 * A failed job can be redriven: to its reports where faults were the cause, to the same refusal where its file is as it
 * was, and to the reports of the mended file where there is one, whatever still comes of the first run.
 */
export async function assertRedriveEnds(
  simulation: Simulation,
  ref: JobRef,
  scenario: Scenario,
  faults: Faults,
): Promise<void> {
  assert(simulation.store.failures.length > 0, 'nobody was told of the failure');
  // Things may go wrong again, but not for ever.
  for (const next of [faults, NO_FAULTS, NO_FAULTS]) {
    if (jobOf(simulation, ref).state !== 'FAILED') break;
    simulation.faults = next;
    const [resumed, lost] = [resumedIn(simulation), lostIn(simulation)];
    await redriveJob(simulation.outside, ref);
    await simulation.run();
    assert(lostIn(simulation) > lost || resumedIn(simulation) === resumed, 'the redriven job stood still');
  }
  const job = jobOf(simulation, ref);
  if (scenario.refusal === undefined) {
    assert(job.state === 'SUCCEEDED', `the redriven job is ${job.state}: ${job.error?.message}`);
    await assertReports(simulation, job, scenario);
  } else {
    const { state, error } = job;
    assert(state === 'FAILED' && error?.code === scenario.refusal, `the redriven job is ${state}`);
  }
  assertAnnounced(simulation, job);
}

export function jobOf({ store }: Simulation, ref: JobRef): Job {
  const job = store.get(ref);
  if (job === null) throw new Error('the job is gone');
  return job;
}

export function assert(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
