import { AnalysisError } from '../errors.ts';
import { SATURATED } from '../observation/decimal.ts';
import type { ItemDays } from './item-days.ts';
import { PageDirectory } from './page-directory.ts';

const PAGE_SHIFT = 4;
const PAGE_DAYS = 1 << PAGE_SHIFT;
const FIGURES = 3;
const PAGE_CELLS = PAGE_DAYS * FIGURES;
const BLOCK_SHIFT = 16;
const BLOCK_PAGES = 1 << BLOCK_SHIFT;
/** 3.2 GB of cells: beyond it the process would die without a word. */
const MAX_PAGES = 1 << 23;
/** The impressions of a day without observations. */
const ABSENT = -1;
const NO_BLOCK = new Float64Array(0);
const BATCH_ROWS = 256;

/** Observations on their way into a table, as parallel columns. */
export class Batch {
  readonly capacity = BATCH_ROWS;
  readonly items = new Int32Array(BATCH_ROWS);
  readonly days = new Int32Array(BATCH_ROWS);
  /** Impressions, clicks and micro-units of spend, three to an observation. */
  readonly figures = new Float64Array(BATCH_ROWS * FIGURES);
  length = 0;
}

/**
 * Daily totals by (item, day): impressions, clicks and spend in micro-units as exact sums (analysis spec §2).
 *
 * An item's days stand in pages of 16. Pages are cut from large blocks that are never copied, and
 * found through one open-addressing table, so a row costs a few array reads whatever the order of the rows. Sums of
 * non-negative integers in doubles are exact up to 2^53 and cannot fall below it afterwards, so the check for
 * `overflow` at the end misses nothing.
 */
export class TotalsTable {
  readonly ids: string[] = [];
  readonly #itemById = new Map<string, number>();
  readonly #directory = new PageDirectory();

  readonly #blocks: Float64Array[] = [];
  #pages = 0;
  #pageItem: Int32Array = new Int32Array(64);
  #pageNumber: Int32Array = new Int32Array(64);
  readonly #batchPages = new Int32Array(BATCH_ROWS);

  /** The index of an item, which it gets when first seen. */
  item(id: string): number {
    const known = this.#itemById.get(id);
    if (known !== undefined) return known;
    const item = this.ids.length;
    this.ids.push(id);
    this.#itemById.set(id, item);
    return item;
  }

  /** Adds one observation. */
  add(item: number, day: number, impressions: number, clicks: number, spendMicros: number): void {
    this.#addTo(this.#page(item, day), day, impressions, clicks, spendMicros);
  }

  /**
   * Adds many observations at once and empties the batch. First all pages are found, then all cells are written: two
   * short loops whose cache misses overlap, where row by row each would be waited for.
   */
  addBatch(batch: Batch): void {
    const { items, days, figures, length } = batch;
    const pages = this.#batchPages;
    for (let i = 0; i < length; i++) pages[i] = this.#page(items[i] ?? 0, days[i] ?? 0);
    for (let i = 0, at = 0; i < length; i++, at += FIGURES) {
      this.#addTo(pages[i] ?? 0, days[i] ?? 0, figures[at] ?? 0, figures[at + 1] ?? 0, figures[at + 2] ?? 0);
    }
    batch.length = 0;
  }

  #page(item: number, day: number): number {
    const number = day >> PAGE_SHIFT;
    const page = this.#directory.find(item, number);
    return page >= 0 ? page : this.#newPage(item, number);
  }

  #addTo(page: number, day: number, impressions: number, clicks: number, spendMicros: number): void {
    const block = this.#blocks[page >> BLOCK_SHIFT] ?? NO_BLOCK;
    const at = (page & (BLOCK_PAGES - 1)) * PAGE_CELLS + (day & (PAGE_DAYS - 1)) * FIGURES;
    const before = block[at] ?? 0;
    block[at] = before === ABSENT ? impressions : before + impressions;
    block[at + 1] = (block[at + 1] ?? 0) + clicks;
    block[at + 2] = (block[at + 2] ?? 0) + spendMicros;
  }

  /** Adds everything that another table holds. */
  addAll(other: TotalsTable): void {
    for (const item of other.items(true)) this.addItem(item);
  }

  addItem({ id, days, impressions, clicks, spendMicros }: ItemDays): void {
    const item = this.item(id);
    for (let i = 0; i < days.length; i++) {
      const day = days[i] ?? 0;
      this.add(item, day, impressions[i] ?? 0, clicks[i] ?? 0, spendMicros?.[i] ?? 0);
    }
  }

  /** Number of (item, day) groups. */
  get groups(): number {
    let count = 0;
    for (let page = 0; page < this.#pages; page++) count += this.#present(page);
    return count;
  }

  /** Every item with its days in order, by id in code point order, so that the sequence depends on nothing else. */
  *items(withSpend: boolean): Generator<ItemDays> {
    const pagesByItem = this.#pagesByItem();
    for (const item of this.#sortedItems()) yield this.#itemDays(item, pagesByItem, withSpend);
  }

  #sortedItems(): number[] {
    const keys = this.ids.map((id) => Buffer.from(id));
    return this.ids
      .map((_, item) => item)
      .sort((a, b) => Buffer.compare(keys[a] ?? Buffer.alloc(0), keys[b] ?? Buffer.alloc(0)));
  }

  /** Page indexes grouped by item (`start[item]` … `start[item + 1]`). */
  #pagesByItem(): { start: Int32Array; pages: Int32Array } {
    const start = new Int32Array(this.ids.length + 1);
    for (let page = 0; page < this.#pages; page++) bump(start, (this.#pageItem[page] ?? 0) + 1);
    for (let item = 0; item < this.ids.length; item++)
      start[item + 1] = (start[item + 1] ?? 0) + (start[item] ?? 0);
    const pages = new Int32Array(this.#pages);
    const next = start.slice();
    for (let page = 0; page < this.#pages; page++) pages[bump(next, this.#pageItem[page] ?? 0)] = page;
    return { start, pages };
  }

  #itemDays(
    item: number,
    { start, pages }: { start: Int32Array; pages: Int32Array },
    withSpend: boolean,
  ): ItemDays {
    const own = pages.slice(start[item], start[item + 1]);
    own.sort((a, b) => (this.#pageNumber[a] ?? 0) - (this.#pageNumber[b] ?? 0));
    const length = own.reduce((sum, page) => sum + this.#present(page), 0);
    const days = new Int32Array(length);
    const impressions = new Float64Array(length);
    const clicks = new Float64Array(length);
    const spend = new Float64Array(length);
    let at = 0;
    for (const page of own) {
      const block = this.#blocks[page >> BLOCK_SHIFT] ?? NO_BLOCK;
      let cell = (page & (BLOCK_PAGES - 1)) * PAGE_CELLS;
      for (let day = 0; day < PAGE_DAYS; day++, cell += FIGURES) {
        if (block[cell] === ABSENT) continue;
        days[at] = (this.#pageNumber[page] ?? 0) * PAGE_DAYS + day;
        impressions[at] = Math.min(block[cell] ?? 0, SATURATED);
        clicks[at] = Math.min(block[cell + 1] ?? 0, SATURATED);
        spend[at] = Math.min(block[cell + 2] ?? 0, SATURATED);
        at++;
      }
    }
    return { id: this.ids[item] ?? '', days, impressions, clicks, spendMicros: withSpend ? spend : null };
  }

  /** Number of days of a page that hold something. */
  #present(page: number): number {
    const block = this.#blocks[page >> BLOCK_SHIFT] ?? NO_BLOCK;
    const base = (page & (BLOCK_PAGES - 1)) * PAGE_CELLS;
    let count = 0;
    for (let cell = base; cell < base + PAGE_CELLS; cell += FIGURES) if (block[cell] !== ABSENT) count++;
    return count;
  }

  /** The block of a page, enlarged where it ends before it. */
  #blockFor(page: number): Float64Array {
    const index = page >> BLOCK_SHIFT;
    const block = this.#blocks[index] ?? NO_BLOCK;
    if ((page & (BLOCK_PAGES - 1)) * PAGE_CELLS < block.length) return block;
    const larger = index === 0 ? enlargedBlock(block) : new Float64Array(BLOCK_PAGES * PAGE_CELLS);
    this.#blocks[index] = larger;
    return larger;
  }

  #newPage(item: number, number: number): number {
    const page = this.#pages++;
    if (page === MAX_PAGES) {
      throw new AnalysisError(
        'dataset_too_large',
        `More than ${MAX_PAGES} creative-months in one process.`,
        'Split the dataset, or analyse it with the deployed system, which works in shards.',
      );
    }
    if (page === this.#pageItem.length) {
      this.#pageItem = grown(this.#pageItem, new Int32Array(page * 2));
      this.#pageNumber = grown(this.#pageNumber, new Int32Array(page * 2));
    }
    markAbsent(this.#blockFor(page), (page & (BLOCK_PAGES - 1)) * PAGE_CELLS);
    this.#pageItem[page] = item;
    this.#pageNumber[page] = number;
    this.#directory.set(item, number, page);
    return page;
  }
}

/** Cells of a block that may have to grow; most tables stay small, and a whole block costs them more than their rows. */
function enlargedBlock(block: Float64Array): Float64Array {
  const larger = new Float64Array(
    Math.min(BLOCK_PAGES * PAGE_CELLS, Math.max(PAGE_CELLS * 16, block.length * 8)),
  );
  larger.set(block);
  return larger;
}

function markAbsent(block: Float64Array, base: number): void {
  for (let cell = base; cell < base + PAGE_CELLS; cell += FIGURES) block[cell] = ABSENT;
}

function grown(from: Int32Array, to: Int32Array): Int32Array {
  to.set(from);
  return to;
}

/** Adds one to a counter and returns what it was. */
function bump(counters: Int32Array, at: number): number {
  const before = counters[at] ?? 0;
  counters[at] = before + 1;
  return before;
}
