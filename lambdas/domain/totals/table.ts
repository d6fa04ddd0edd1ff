import { AnalysisError } from '../errors.ts';
import { SATURATED } from '../observation/decimal.ts';
import { compareCodePoints } from '../report/order.ts';
import type { ItemDays } from './item-days.ts';
import { PageDirectory } from './page-directory.ts';

const PAGE_SHIFT = 5;
const PAGE_DAYS = 1 << PAGE_SHIFT;
const FIGURES = 3;
const PAGE_CELLS = PAGE_DAYS * FIGURES;
/** 3.2 GB of cells: beyond it the process would die without a word. */
const MAX_PAGES = 1 << 22;
const FIRST_PAGES = 32;
/** Memory that is not touched yet costs nothing, and copying is rare. */
const GROWTH = 8;
/** As much as many rows of few items would leave empty; 768 KiB. */
const MOST_FIRST_PAGES = 1024;
/** The most observations that a batch may hold. */
const MAX_BATCH = 512;

/** Observations on their way into a table, as parallel columns. */
export interface Batch {
  readonly items: Int32Array;
  readonly days: Int32Array;
  /** Impressions, clicks and micro-units of spend, three to an observation. */
  readonly figures: Float64Array;
}

/**
 * Daily totals by (item, day): impressions, clicks and spend in micro-units as exact sums (analysis spec §2).
 *
 * An item's days stand in pages of 32, one behind the other in the order in which they were first needed. Sums of
 * non-negative integers in doubles are exact up to 2^53 and cannot fall below it afterwards, so the check for
 * `overflow` at the end misses nothing.
 */
export class TotalsTable {
  readonly ids: string[] = [];
  readonly #itemById = new Map<string, number>();
  readonly #directory = new PageDirectory();

  #pages = 0;
  /** Three figures a day, 32 days a page. */
  #cells: Float64Array;
  /**
   * Days of a page that were observed with nothing but zeros, as bits; every other observed day shows in its figures.
   * So a row seldom touches more memory than its figures, and what it touches is what a row costs.
   */
  #zeroDays: Int32Array;
  #pageItem: Int32Array;
  #pageNumber: Int32Array;
  readonly #batchCells = new Int32Array(MAX_BATCH);

  /**
   * @param observations how many will be added, where that is known: each needs a page at most. A small table then takes
   *   only the memory it needs; what growing leaves behind is outside the heap, and makes the collector run early.
   */
  constructor(observations = FIRST_PAGES) {
    const pages = Math.max(1, Math.min(observations, MOST_FIRST_PAGES));
    this.#cells = new Float64Array(pages * PAGE_CELLS);
    this.#zeroDays = new Int32Array(pages);
    this.#pageItem = new Int32Array(pages);
    this.#pageNumber = new Int32Array(pages);
  }

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
    const at = this.#cell(item, day);
    const cells = this.#cells;
    cells[at] = (cells[at] ?? 0) + impressions;
    cells[at + 1] = (cells[at + 1] ?? 0) + clicks;
    cells[at + 2] = (cells[at + 2] ?? 0) + spendMicros;
    if (impressions + clicks + spendMicros === 0) this.#markZeroDay(at);
  }

  /**
   * Adds the first `length` observations of a batch. First all cells are found, then all are written: two short loops
   * whose cache misses overlap, where row by row each would be waited for.
   */
  addBatch({ items, days, figures }: Batch, length: number): void {
    const places = this.#batchCells;
    for (let i = 0, from = 0; i < length; i++, from += FIGURES) {
      const at = this.#cell(items[i] ?? 0, days[i] ?? 0);
      places[i] = at;
      const sum = (figures[from] ?? 0) + (figures[from + 1] ?? 0) + (figures[from + 2] ?? 0);
      if (sum === 0) this.#markZeroDay(at);
    }
    const cells = this.#cells;
    for (let i = 0, from = 0; i < length; i++, from += FIGURES) {
      const at = places[i] ?? 0;
      cells[at] = (cells[at] ?? 0) + (figures[from] ?? 0);
      cells[at + 1] = (cells[at + 1] ?? 0) + (figures[from + 1] ?? 0);
      cells[at + 2] = (cells[at + 2] ?? 0) + (figures[from + 2] ?? 0);
    }
  }

  #markZeroDay(at: number): void {
    const page = Math.floor(at / PAGE_CELLS);
    this.#zeroDays[page] = (this.#zeroDays[page] ?? 0) | (1 << ((at % PAGE_CELLS) / FIGURES));
  }

  /** Where the figures of an item's day are. */
  #cell(item: number, day: number): number {
    const page = this.#page(item, day >> PAGE_SHIFT);
    return page * PAGE_CELLS + (day & (PAGE_DAYS - 1)) * FIGURES;
  }

  /** Where the figures of a day of a page are, if it was observed; otherwise -1. */
  #observed(page: number, day: number): number {
    const at = page * PAGE_CELLS + day * FIGURES;
    const sum = (this.#cells[at] ?? 0) + (this.#cells[at + 1] ?? 0) + (this.#cells[at + 2] ?? 0);
    return sum > 0 || ((this.#zeroDays[page] ?? 0) & (1 << day)) !== 0 ? at : -1;
  }

  #page(item: number, number: number): number {
    const page = this.#directory.find(item, number);
    return page >= 0 ? page : this.#newPage(item, number);
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
    for (let page = 0; page < this.#pages; page++) count += this.#daysOf(page);
    return count;
  }

  /**
   * Items with their days in order.
   *
   * @param ids which items, in the order wanted; all of them by id in code point order, if not said
   */
  *items(withSpend: boolean, ids?: readonly string[]): Generator<ItemDays> {
    const pagesByItem = this.#pagesByItem();
    const wanted = ids?.map((id) => this.item(id)) ?? this.#sortedItems();
    for (const item of wanted) yield this.#itemDays(item, pagesByItem, withSpend);
  }

  #sortedItems(): number[] {
    return this.ids
      .map((_, item) => item)
      .sort((a, b) => compareCodePoints(this.ids[a] ?? '', this.ids[b] ?? ''));
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
    const own = pages.subarray(start[item], start[item + 1]);
    if (own.length > 1) own.sort((a, b) => (this.#pageNumber[a] ?? 0) - (this.#pageNumber[b] ?? 0));
    let length = 0;
    for (const page of own) length += this.#daysOf(page);
    const days = new Int32Array(length);
    const impressions = new Float64Array(length);
    const clicks = new Float64Array(length);
    const spend = new Float64Array(length);
    let at = 0;
    for (const page of own) {
      for (let day = 0; day < PAGE_DAYS; day++) {
        const cell = this.#observed(page, day);
        if (cell < 0) continue;
        days[at] = (this.#pageNumber[page] ?? 0) * PAGE_DAYS + day;
        impressions[at] = Math.min(this.#cells[cell] ?? 0, SATURATED);
        clicks[at] = Math.min(this.#cells[cell + 1] ?? 0, SATURATED);
        spend[at] = Math.min(this.#cells[cell + 2] ?? 0, SATURATED);
        at++;
      }
    }
    return { id: this.ids[item] ?? '', days, impressions, clicks, spendMicros: withSpend ? spend : null };
  }

  /** Number of days of a page that were observed. */
  #daysOf(page: number): number {
    let count = 0;
    for (let day = 0; day < PAGE_DAYS; day++) if (this.#observed(page, day) >= 0) count++;
    return count;
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
    if (page === this.#pageItem.length) this.#enlarge();
    this.#pageItem[page] = item;
    this.#pageNumber[page] = number;
    this.#directory.set(item, number, page);
    return page;
  }

  #enlarge(): void {
    const length = Math.min(MAX_PAGES, this.#pageItem.length * GROWTH);
    this.#cells = copied(this.#cells, new Float64Array(length * PAGE_CELLS));
    this.#zeroDays = copied(this.#zeroDays, new Int32Array(length));
    this.#pageItem = copied(this.#pageItem, new Int32Array(length));
    this.#pageNumber = copied(this.#pageNumber, new Int32Array(length));
  }
}

function copied<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Adds one to a counter and returns what it was. */
function bump(counters: Int32Array, at: number): number {
  const before = counters[at] ?? 0;
  counters[at] = before + 1;
  return before;
}
