import type { NewItem } from '../../ports/result-store.ts';
import { type ColumnTypes, columnArrays, rowsOfColumns } from './columns.ts';
import type { Query } from './database.ts';
import { BLOCK, packBlock } from './item-blocks.ts';
import { changePointRows, ITEM_COLUMNS, itemRow } from './item-rows.ts';

/** Items of one statement, in whole blocks: about a megabyte of parameters. */
export const BATCH = 25 * BLOCK;

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

/** Items as the parameters of a statement. */
export interface ItemBatch {
  readonly items: readonly string[];
  readonly changePoints: readonly string[];
  readonly blocks: readonly Block[];
}

interface Block {
  readonly number: number;
  readonly packed: Uint8Array;
}

/** @param firstBlock number of the batch's first block: the same items always stand in the same block */
export async function packBatch(batch: readonly NewItem[], firstBlock: number): Promise<ItemBatch> {
  const blocks = Array.from({ length: Math.ceil(batch.length / BLOCK) }, async (_, index) => {
    const packed = await packBlock(batch.slice(index * BLOCK, (index + 1) * BLOCK).map(({ json }) => json));
    return { number: firstBlock + index, packed };
  });
  const rows = batch.map(({ item }, index) => {
    return { ...itemRow(item), block: firstBlock + Math.floor(index / BLOCK) };
  });
  const changePoints = batch.flatMap(({ item }, index) => changePointRows(item, rows[index]?.key ?? ''));
  return {
    items: columnArrays(STORED_COLUMNS, rows),
    changePoints: columnArrays(CHANGE_POINT_COLUMNS, changePoints),
    blocks: await Promise.all(blocks),
  };
}

/** The statement that inserts a batch, all or nothing; nothing also when the run was deleted meanwhile. */
export function insertionOf({ items, changePoints, blocks }: ItemBatch, resultId: number): Query {
  return {
    text: INSERT,
    values: [
      resultId,
      Buffer.concat(blocks.map(({ packed }) => packed)),
      blocks.map(({ number }) => number),
      startsOf(blocks),
      blocks.map(({ packed }) => packed.length),
      ...items,
      ...changePoints,
    ],
  };
}

/** Where each block begins when they stand one after the other, counted from 1. */
function startsOf(blocks: readonly Block[]): number[] {
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
