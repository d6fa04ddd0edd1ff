import { hash } from 'node:crypto';
import type { Job } from '../contracts/job.ts';
import { seriesKey, shardKey } from '../contracts/object-keys.ts';
import type { AnalyzedItem } from '../domain/report/build-document.ts';
import type { ItemDays } from '../domain/totals/item-days.ts';
import type { ObjectInfo, ObjectStore } from '../ports/object-store.ts';
import type { PipelineContext } from './context.ts';
import { seriesLine } from './item-series.ts';
import { isOfThisEngine, linesOf, parseLine } from './shard-results.ts';

/** An item's result as an earlier job has it. */
interface KnownResult {
  readonly item: AnalyzedItem;
  /** The same as a line of results. */
  readonly line: Uint8Array;
}

/** By id, those items whose result need not be computed, because their daily totals are what they were. */
export type KnownResults = ReadonlyMap<string, KnownResult>;

export const NOTHING_KNOWN: KnownResults = new Map();

/**
 * What an earlier analysis with the same parameters says of a shard's items that did not change since. A line of daily
 * totals holds all that a result depends on besides parameters and engine, so items are compared by these lines.
 *
 * @param items the shard's items as they are now
 * @param most bytes of results to keep; items beyond it count as changed
 */
export async function knownResults(
  { objects }: Pick<PipelineContext, 'objects'>,
  { tenant, reuses }: Pick<Job, 'tenant' | 'reuses'>,
  [shard, shards]: readonly [number, number],
  items: Iterable<ItemDays>,
  most: number,
): Promise<KnownResults> {
  // Which shard an item is in depends on how many there are.
  if (reuses?.shards !== shards) return NOTHING_KNOWN;
  const run = { tenant, jobId: reuses.jobId, run: reuses.run };
  const [results, series] = await Promise.all([
    objects.head(shardKey(run, shard, shards), null),
    objects.head(seriesKey(run, shard, shards), null),
  ]);
  if (results === null || series === null) return NOTHING_KNOWN;
  const places = await unchangedPlaces(objects, series, items);
  return readPlaces(objects, results, places, most);
}

/** Where in the earlier series those items stand whose line is the same now. */
async function unchangedPlaces(
  objects: ObjectStore,
  series: ObjectInfo,
  items: Iterable<ItemDays>,
): Promise<ReadonlySet<number>> {
  const now = new Set<string>();
  for (const item of items) now.add(hash('sha256', seriesLine(item)));
  const places = new Set<number>();
  let place = 0;
  for await (const line of linesOf(objects.stream(series))) {
    if (now.has(hash('sha256', `${line}\n`))) places.add(place);
    place++;
  }
  return places;
}

/** The results at some places; results and series are in the same order. */
async function readPlaces(
  objects: ObjectStore,
  results: ObjectInfo,
  places: ReadonlySet<number>,
  most: number,
): Promise<KnownResults> {
  const known = new Map<string, KnownResult>();
  let room = most;
  let place = 0;
  for await (const text of linesOf(objects.stream(results))) {
    if (!places.has(place++) || !isOfThisEngine(text)) continue;
    const line = Buffer.from(`${text}\n`);
    room -= line.length;
    if (room < 0) break;
    const item = parseLine(text);
    known.set(item.result.id, { item, line });
  }
  return known;
}
