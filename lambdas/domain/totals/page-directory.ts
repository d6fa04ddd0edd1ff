/** Numbers of an item's pages are first looked for in a run of this many. */
const INITIAL_RUN = 8;
/** A run may span this many page numbers for each page it really holds; what lies further out goes to the map. */
const MAX_SPAN_PER_PAGE = 8;
/** Integers an item has in `#runs`: first page number, length, start in `#pages`, pages held. */
const RUN = 4;
const PAGE_NUMBER_SPACE = 2 ** 19;

/**
 * Finds the page of (item, page number). An item's pages mostly have neighbouring numbers: they stand in one run of a
 * shared array, found without a search or an unpredictable branch, so that look-ups of many rows overlap in the
 * processor. Pages far from an item's others are kept in a map.
 */
export class PageDirectory {
  #runs: Int32Array = new Int32Array(64 * RUN);
  #pages: Int32Array = new Int32Array(64 * INITIAL_RUN);
  #used = 0;
  readonly #far = new Map<number, number>();

  /** The page, or -1. */
  find(item: number, number: number): number {
    const run = item * RUN;
    const at = number - (this.#runs[run] ?? 0);
    if (at >= 0 && at < (this.#runs[run + 1] ?? 0)) {
      const page = (this.#pages[(this.#runs[run + 2] ?? 0) + at] ?? 0) - 1;
      if (page >= 0) return page;
    }
    return this.#far.size === 0 ? -1 : (this.#far.get(farKey(item, number)) ?? -1);
  }

  /** Enters a page that {@link find} does not know. */
  set(item: number, number: number, page: number): void {
    const run = item * RUN;
    if (run >= this.#runs.length) this.#runs = enlarged(this.#runs, run + RUN);
    if (!this.#reach(run, number)) {
      this.#far.set(farKey(item, number), page);
      return;
    }
    const runs = this.#runs;
    this.#pages[(runs[run + 2] ?? 0) + number - (runs[run] ?? 0)] = page + 1;
    runs[run + 3] = (runs[run + 3] ?? 0) + 1;
  }

  /** Makes an item's run cover a page number; false when that would be mostly holes. */
  #reach(run: number, number: number): boolean {
    const first = this.#runs[run] ?? 0;
    const length = this.#runs[run + 1] ?? 0;
    const start = this.#runs[run + 2] ?? 0;
    const held = this.#runs[run + 3] ?? 0;
    if (length > 0 && number >= first && number < first + length) return true;
    const wantedFirst = length === 0 ? number - (number & (INITIAL_RUN - 1)) : Math.min(first, number);
    const wantedEnd = length === 0 ? wantedFirst + INITIAL_RUN : Math.max(first + length, number + 1);
    if (wantedEnd - wantedFirst > Math.max(2 * INITIAL_RUN, MAX_SPAN_PER_PAGE * (held + 1))) return false;

    // Room to grow on the side where the run just grew, so that runs are copied a logarithmic number of times.
    const size = Math.max(wantedEnd - wantedFirst, 2 * length);
    const newFirst = wantedFirst < first && length > 0 ? wantedEnd - size : wantedFirst;
    if (this.#used + size > this.#pages.length) this.#pages = enlarged(this.#pages, this.#used + size);
    this.#pages.copyWithin(this.#used + first - newFirst, start, start + length);
    this.#runs.set([newFirst, size, this.#used, held], run);
    this.#used += size;
    return true;
  }
}

function farKey(item: number, number: number): number {
  return item * PAGE_NUMBER_SPACE + number + PAGE_NUMBER_SPACE / 2;
}

function enlarged(from: Int32Array, atLeast: number): Int32Array {
  const to = new Int32Array(Math.max(from.length * 2, atLeast));
  to.set(from);
  return to;
}
