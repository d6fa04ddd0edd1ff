import { type JobRun, seriesKey, shardKey } from '../contracts/object-keys.ts';
import { AnalysisError } from '../domain/errors.ts';
import type { AnalyzedItem } from '../domain/report/build-document.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { isSeriesOf } from './item-series.ts';
import { linesOf, parseLine, resultText } from './shard-results.ts';

/** An analysed item with the daily totals that it was analysed by. */
export interface RunItem {
  readonly item: AnalyzedItem;
  /** The published result as JSON. */
  readonly result: string;
  /** The daily totals as JSON, an `ItemSeries`. */
  readonly series: string;
}

/**
 * Everything that a run of a job found, item by item: shard after shard, each in the order of reports. Memory is constant
 * in the number of items.
 *
 * @param shards how many shards the job has, as its plan says; one for a job that was done in one go
 * @throws Error when an object is not there; AnalysisError `internal` when two do not belong together
 */
export async function* readResults(
  objects: Pick<ObjectStore, 'stream'>,
  run: JobRun,
  shards: number,
): AsyncGenerator<RunItem> {
  const lines = (key: string) => linesOf(objects.stream({ key, versionId: null, etag: null }));
  for (let shard = 0; shard < shards; shard++) {
    const series = lines(seriesKey(run, shard, shards));
    try {
      for await (const line of lines(shardKey(run, shard, shards))) {
        const item = parseLine(line);
        yield { item, result: resultText(line), series: seriesOf(item, await series.next()) };
      }
      if (!(await series.next()).done) throw torn(`more series than results in shard ${shard}`);
    } finally {
      await series.return(undefined);
    }
  }
}

function seriesOf({ result: { id } }: AnalyzedItem, next: IteratorResult<string, unknown>): string {
  if (next.done) throw torn(`no series of "${id}"`);
  if (!isSeriesOf(id, next.value))
    throw torn(`the series of another item stands beside the result of "${id}"`);
  return next.value;
}

function torn(what: string): AnalysisError {
  return new AnalysisError('internal', `The results of a shard do not fit its series: ${what}.`);
}
