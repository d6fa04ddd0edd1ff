import type { NewItem } from '../../ports/result-store.ts';
import { batchesOf } from './batches.ts';
import { type ColumnTypes, columnArrays, rowsOfColumns } from './columns.ts';
import type { Query } from './database.ts';
import { BLOCK, packBlock } from './item-blocks.ts';
import { type ChangePointRow, changePointRows, ITEM_COLUMNS, type ItemRow, itemRow } from './item-rows.ts';

/** Blocks of one statement: about a megabyte of parameters. */
const BATCH = 25;
/** Blocks that are larger than this weigh more than one, so that a batch of long series has a bound. */
const USUAL_BYTES = 1 << 17;
/** Blocks that are compressed while the next is read: their text is most of the memory that storing takes. */
const COMPRESSED_MEANWHILE = 1;

const CHANGE_POINT_COLUMNS = {
  key: 'text',
  metric: 'text',
  number: 'integer',
  day: 'date',
  onset_day: 'date',
  direction: 'text',
  score: 'double precision',
} as const;

const STORED_COLUMNS = { ...ITEM_COLUMNS, block: 'integer' } as const;
const FIRST_OF_ITEMS = 6;
const FIRST_OF_CHANGE_POINTS = FIRST_OF_ITEMS + Object.keys(STORED_COLUMNS).length;

// The lock is one that batches share. Who deletes the run waits for it, so that nothing is left of a batch under way.
// Rows that are there stay: a run's objects never change, so they are the same.
// Blocks come as one run of bytes: an array of them would travel as hexadecimal text.
const INSERT = `
  WITH run AS MATERIALIZED (SELECT result_id FROM stored_runs WHERE result_id = $1 FOR KEY SHARE),
    inserted_items AS (${insertRows('items', STORED_COLUMNS, FIRST_OF_ITEMS)}),
    inserted_change_points AS (${insertRows('change_points', CHANGE_POINT_COLUMNS, FIRST_OF_CHANGE_POINTS)})
  INSERT INTO item_blocks (result_id, block, packed)
  SELECT run.result_id, b.block, substring($2::bytea FROM b.start FOR b.length)
  FROM run, unnest($3::integer[], $4::integer[], $5::integer[]) AS b (block, start, length)
  ON CONFLICT DO NOTHING`;

/** Twenty items as they are stored; of their text nothing is kept. */
export interface PackedBlock {
  readonly number: number;
  readonly packed: Uint8Array;
  readonly rows: readonly StoredRow[];
  readonly changePoints: readonly ChangePointRow[];
}

type StoredRow = ItemRow & { readonly block: number };

/** Items as those of one statement, packed block by block as they come; the same items always stand in the same block. */
export function packedBatches(items: AsyncIterable<NewItem>): AsyncGenerator<PackedBlock[]> {
  const weigh = ({ packed }: PackedBlock) => Math.max(1, packed.length / USUAL_BYTES);
  return batchesOf(packedBlocks(items), BATCH, weigh);
}

async function* packedBlocks(items: AsyncIterable<NewItem>): AsyncGenerator<PackedBlock> {
  const underWay: Promise<PackedBlock>[] = [];
  let number = 0;
  for await (const block of batchesOf(itemsInRows(items), BLOCK)) {
    const packing = pack(block, number++);
    // Whoever reads on hears of the failure; a reader that stops early does not care.
    packing.catch(() => undefined);
    underWay.push(packing);
    const oldest = underWay.length > COMPRESSED_MEANWHILE ? underWay.shift() : undefined;
    if (oldest !== undefined) yield await oldest;
  }
  for (const packing of underWay) yield await packing;
}

interface ItemInRows {
  readonly row: ItemRow;
  readonly changePoints: readonly ChangePointRow[];
  readonly json: string;
}

/** Of an item only its rows are kept, which are a small part of it. */
async function* itemsInRows(items: AsyncIterable<NewItem>): AsyncGenerator<ItemInRows> {
  for await (const { item, json } of items) {
    const row = itemRow(item);
    yield { row, changePoints: changePointRows(item, row.key), json };
  }
}

async function pack(block: readonly ItemInRows[], number: number): Promise<PackedBlock> {
  const rows = block.map(({ row }) => ({ ...row, block: number }));
  const changePoints = block.flatMap((item) => item.changePoints);
  const packed = await packBlock(block.map(({ json }) => json));
  return { number, packed, rows, changePoints };
}

/** The statement that inserts a batch, all or nothing; nothing also when the run was deleted meanwhile. */
export function insertionOf(blocks: readonly PackedBlock[], resultId: number): Query {
  return {
    text: INSERT,
    values: [
      resultId,
      Buffer.concat(blocks.map(({ packed }) => packed)),
      blocks.map(({ number }) => number),
      startsOf(blocks),
      blocks.map(({ packed }) => packed.length),
      ...columnArrays(
        STORED_COLUMNS,
        blocks.flatMap(({ rows }) => rows),
      ),
      ...columnArrays(
        CHANGE_POINT_COLUMNS,
        blocks.flatMap(({ changePoints }) => changePoints),
      ),
    ],
  };
}

/** Where each block begins when they stand one after the other, counted from 1. */
function startsOf(blocks: readonly PackedBlock[]): number[] {
  let next = 1;
  return blocks.map(({ packed }) => {
    const start = next;
    next += packed.length;
    return start;
  });
}

/** Inserts rows under the number of the run. */
function insertRows(table: string, columns: ColumnTypes, first: number): string {
  return `
    INSERT INTO ${table} (result_id, ${Object.keys(columns).join(', ')})
    SELECT run.result_id, r.* FROM run, ${rowsOfColumns(columns, first)} AS r
    ON CONFLICT DO NOTHING`;
}
