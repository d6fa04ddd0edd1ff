import { AnalysisError } from '../domain/errors.ts';
import type { AnalyzedItem } from '../domain/report/build-document.ts';
import { compareItems } from '../domain/report/order.ts';
import { parseLine } from './shard-results.ts';

/** The lines of every shard's results, each shard's in the order of reports. */
export type ShardLines = readonly AsyncGenerator<string>[];

/** An item at the head of its shard. */
interface Head {
  readonly shard: number;
  readonly item: AnalyzedItem;
}

/** All items in the order of reports, with the number of the shard each comes from. */
export async function* mergeShards(shards: ShardLines): AsyncGenerator<Head> {
  try {
    const heads: Head[] = [];
    const refill = async (shard: number) => {
      const next = await shards[shard]?.next();
      if (next !== undefined && !next.done) insert(heads, { shard, item: parseLine(next.value) });
    };
    await Promise.all(Array.from(shards.keys(), refill));
    for (let first = heads.shift(); first !== undefined; first = heads.shift()) {
      yield first;
      await refill(first.shard);
    }
  } finally {
    await closeAll(shards);
  }
}

/** The lines of all items, in an order that {@link mergeShards} found: the shard that each comes from. */
export async function* inOrder(shards: ShardLines, order: Iterable<number>): AsyncGenerator<string> {
  try {
    for (const shard of order) {
      const line = await shards[shard]?.next();
      if (line === undefined || line.done) throw new AnalysisError('internal', `Shard ${shard} has shrunk.`);
      yield line.value;
    }
  } finally {
    await closeAll(shards);
  }
}

/** Inserts a head where it belongs. There are few, so looking at each is no work beside reading its line. */
function insert(heads: Head[], head: Head): void {
  const behind = heads.findIndex(({ item }) => compareItems(item.result, head.item.result) > 0);
  heads.splice(behind < 0 ? heads.length : behind, 0, head);
}

async function closeAll(shards: ShardLines): Promise<void> {
  await Promise.all(shards.map((lines) => lines.return(undefined)));
}
