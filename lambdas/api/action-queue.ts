import type { JobRun } from '../contracts/object-keys.ts';
import type { Action } from '../domain/report/action.ts';
import { ACTION_CSV_HEADER, actionCsvRow } from '../domain/report/action-csv.ts';
import type { ActionItem, ActionPosition, ResultReader } from '../ports/result-store.ts';

const PAGE = 500;

interface Wanted {
  /** No actions ask for all. */
  readonly actions: readonly Action[];
  /** Rows at most. */
  readonly most: number;
}

/** What is to be done about the creatives of some jobs as CSV, worst first, page by page, so that its length does not matter. */
export async function* actionQueueCsv(
  results: Pick<ResultReader, 'listActions'>,
  tenant: string,
  runs: readonly JobRun[],
  { actions, most }: Wanted = { actions: [], most: Number.POSITIVE_INFINITY },
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(ACTION_CSV_HEADER);
  let after: ActionPosition | null = null;
  let rank = 0;
  do {
    const limit = Math.min(PAGE, most - rank);
    const page: Awaited<ReturnType<ResultReader['listActions']>> = await results.listActions(tenant, runs, {
      actions,
      after,
      limit,
    });
    const text = page.items.map((item) => actionCsvRow({ ...rowOf(item), rank: ++rank })).join('');
    if (text !== '') yield Buffer.from(text);
    after = page.next;
  } while (after !== null && rank < most);
}

/** An entry of the queue as a row. */
function rowOf(item: ActionItem) {
  return {
    ...item,
    dataset: item.dataset.name,
    since: item.changed?.day ?? null,
    link: `/api/jobs/${item.jobId}/items/${item.key}`,
  };
}
