import type { JobRun } from '../contracts/object-keys.ts';
import { ACTION_CSV_HEADER, actionCsvRow } from '../domain/report/action-csv.ts';
import type { ActionItem, ActionPosition, ResultReader } from '../ports/result-store.ts';
import { notStored } from './find-result.ts';

const PAGE = 500;

/**
 * The whole action queue of a job's result as CSV, page by page, so that its length does not matter.
 *
 * @throws Problem `not_ready` when the result cannot be searched yet
 */
export async function* actionQueueCsv(
  results: Pick<ResultReader, 'result' | 'listActions'>,
  run: JobRun,
): AsyncGenerator<Uint8Array> {
  if ((await results.result(run)) === null) throw notStored();
  yield Buffer.from(ACTION_CSV_HEADER);
  let after: ActionPosition | null = null;
  let rank = 0;
  do {
    const page: Awaited<ReturnType<ResultReader['listActions']>> = await results.listActions(
      run.tenant,
      [run],
      { actions: [], after, limit: PAGE },
    );
    const text = page.items.map((item) => actionCsvRow({ ...rowOf(item), rank: ++rank })).join('');
    if (text !== '') yield Buffer.from(text);
    after = page.next;
  } while (after !== null);
}

/** An entry of the queue as a row. */
export function rowOf(item: ActionItem) {
  return {
    ...item,
    dataset: item.dataset.name,
    since: item.changed?.day ?? null,
    link: `/api/jobs/${item.jobId}/items/${item.key}`,
  };
}
