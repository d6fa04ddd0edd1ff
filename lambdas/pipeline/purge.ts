import type { Deletion } from '../contracts/deletion.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeletionStore } from '../ports/deletion-store.ts';
import { timeOf } from './job-record.ts';
import { type PurgeDatasetContext, purgeDataset } from './purge-dataset.ts';
import { type PurgeTenantContext, purgeTenant } from './purge-tenant.ts';

export type PurgeContext = PurgeDatasetContext &
  PurgeTenantContext & { readonly deletions: DeletionStore; readonly clock: Clock };

const MINUTE_MS = 60_000;
/** Signed addresses hold for an hour, and a worker may be at its task for a quarter: what they leave goes after that. */
const LAST_LOOK_MS = 80 * MINUTE_MS;
/** After so long nothing further is begun; what is left goes on a minute later. */
const RUN_MS = 10 * MINUTE_MS;
/** As long as a run can last at all: nobody else takes up its work meanwhile. */
const LEASE_MS = 15 * MINUTE_MS;

/** What became of a deletion that was due: the error when it failed. */
export interface PurgeOutcome {
  readonly deletion: Deletion;
  readonly error?: unknown;
}

/**
 * Works on the deletions that are due: each is done once, and again when nobody can write any more for what was there.
 * Doing it again changes nothing; one that fails stays due, and keeps no other from being done.
 */
export async function purgeDue(context: PurgeContext, limit: number): Promise<PurgeOutcome[]> {
  const { clock, deletions } = context;
  const until = clock.now() + RUN_MS;
  const outcomes: PurgeOutcome[] = [];
  for (const deletion of await deletions.listDue(timeOf(clock.now()), limit)) {
    if (clock.now() >= until) break;
    try {
      await purge(context, deletion, until);
      outcomes.push({ deletion });
    } catch (error) {
      outcomes.push({ deletion, error });
    }
  }
  return outcomes;
}

/**
 * Takes one look: deletes what is there of what is to be deleted, as far as it comes in the time it has, and settles when
 * it is looked at next. Does nothing when somebody else is at it.
 *
 * @param until when it stops between two steps, in milliseconds since the epoch
 */
export async function purge(
  context: PurgeContext,
  deletion: Deletion,
  until = context.clock.now() + RUN_MS,
): Promise<void> {
  const { deletions, clock } = context;
  const taken = { ...deletion, dueAt: timeOf(clock.now() + LEASE_MS) };
  if (!(await deletions.settle(deletion, taken))) return;
  try {
    await deletions.settle(taken, await lookAt(context, deletion, until));
  } catch (error) {
    await deletions.settle(taken, deletion);
    throw error;
  }
}

/** @returns the deletion as it is to go on; null when it is done */
async function lookAt(context: PurgeContext, deletion: Deletion, until: number): Promise<Deletion | null> {
  const { clock } = context;
  const { look = { beganAt: timeOf(clock.now()), position: null, found: 0 }, ...note } = deletion;
  const hasTime = () => clock.now() < until;
  if (note.datasetId === null) {
    const came = await purgeTenant(context, note.tenant, look, hasTime);
    if (!came.isOver) return { ...note, dueAt: timeOf(clock.now()), look: came.look };
    const { beganAt, found } = came.look;
    return afterTenant(found > 0 ? { ...note, foundAt: timeOf(clock.now()) } : note, beganAt);
  }
  const lastLook = Date.parse(note.askedAt) + LAST_LOOK_MS;
  const isLast = Date.parse(look.beganAt) >= lastLook;
  const came = await purgeDataset(context, { ...note, datasetId: note.datasetId }, { look, isLast, hasTime });
  if (!came.isOver) return { ...note, dueAt: timeOf(clock.now()), look: came.look };
  if (came.look.found > 0) return { ...note, dueAt: timeOf(clock.now() + MINUTE_MS) };
  return isLast ? null : { ...note, dueAt: timeOf(lastLook) };
}

/**
 * A tenant is done with a look that found nothing, so long after the last thing was found that nobody can have written
 * meanwhile who was let in before.
 */
function afterTenant(note: Deletion, beganAt: string): Deletion | null {
  const quietAt = Date.parse(note.foundAt ?? note.askedAt) + LAST_LOOK_MS;
  return Date.parse(beganAt) >= quietAt ? null : { ...note, dueAt: timeOf(quietAt) };
}
