import type { DeletionLook } from '../contracts/deletion.ts';
import { DATA_FOLDERS, folderPrefix } from '../contracts/key-layout.ts';
import type { HistoryStore } from '../ports/history-store.ts';
import type { ObjectRemover } from '../ports/object-remover.ts';
import type { ResultWriter } from '../ports/result-store.ts';
import type { TenantRecords } from '../ports/tenant-records.ts';

export interface PurgeTenantContext {
  readonly records: TenantRecords;
  readonly objects: Pick<ObjectRemover, 'removeSome'>;
  readonly results: Pick<ResultWriter, 'deleteTenant'>;
  readonly history: Pick<HistoryStore, 'deleteTenant'>;
}

/** Of how many a step removes the rows, so that it takes seconds. */
const JOBS_A_STEP = 50;
const HISTORIES_A_STEP = 1;

/**
 * Removes all that there is of a tenant, in steps of seconds that can be taken again. First the records that others go by:
 * without its tokens nobody writes for it, without its webhooks nothing is sent, and without its jobs every worker finds
 * at its next step that there is nothing to do. Then what they have left: objects, rows, and records that no list leads to.
 *
 * @param look as far as it came the last time
 * @param hasTime asked before each step
 * @returns the look as far as it has come, and whether it has come to its end
 */
export async function purgeTenant(
  { records, objects, results, history }: PurgeTenantContext,
  tenant: string,
  look: DeletionLook,
  hasTime: () => boolean,
): Promise<{ readonly look: DeletionLook; readonly isOver: boolean }> {
  const steps = [
    () => records.removeNamed(tenant),
    ...DATA_FOLDERS.map((folder) => () => objects.removeSome(`${folderPrefix(folder)}${tenant}/`)),
    () => results.deleteTenant(tenant, JOBS_A_STEP),
    () => history.deleteTenant(tenant, HISTORIES_A_STEP),
  ];
  let { position, found } = look;
  for (const step of steps) {
    let removed: number;
    do {
      if (!hasTime()) return { look: { ...look, position, found }, isOver: false };
      removed = await step();
      found += removed;
    } while (removed > 0);
  }
  do {
    if (!hasTime()) return { look: { ...look, position, found }, isOver: false };
    const { removed, next } = await records.removeScattered(tenant, position);
    found += removed;
    position = next;
  } while (position !== null);
  return { look: { ...look, position, found }, isOver: true };
}
