import type { Batch } from '../../totals/table.ts';
import { BINARY } from './binary.ts';

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
};

interface Constant {
  readonly value: number;
}

/** What the module made of `scan.as.ts` exports; the meaning of each is said there. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  reset(delimiter: number, columns: number, keyColumns: number): void;
  scan(start: number, stop: number, end: number, asciiOnly: number): number;
  learn(from: number, to: number, kind: number, value: number): number;
  readonly halt: Constant;
  readonly rows: Constant;
  readonly lines: Constant;
  readonly keyFrom: Constant;
  readonly keyTo: Constant;
  readonly batchLength: { value: number };
  readonly ITEM_KEY: Constant;
  readonly DAY_KEY: Constant;
  readonly DAY_BIAS: Constant;
  readonly ROLES: Constant;
  readonly MAX_COLUMNS: Constant;
  readonly WINDOW: Constant;
  readonly WINDOW_BYTES: Constant;
  readonly BATCH_CAPACITY: Constant;
  readonly BATCH_ITEMS: Constant;
  readonly BATCH_DAYS: Constant;
  readonly BATCH_FIGURES: Constant;
}

/** Roles of columns in the kernel. */
export const ROLES = { other: 0, item: 1, day: 2, impressions: 3, clicks: 4, spend: 5 } as const;

/** Why {@link Kernel.scan} stopped. */
export const HALTS = { atEnd: 0, batchFull: 1, oddRow: 2, unknownItem: 3, unknownDay: 4 } as const;

export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** Timestamps may differ in every row; learning them all would only cost memory. */
const MAX_LEARNED_DAYS = 4096;
/** Every memory takes gigabytes of address space, so there are few, and they are used again. */
const MAX_KERNELS = 16;
/** One that has grown past this is not kept. */
const MAX_IDLE_BYTES = 1 << 24;
const idle: Kernel[] = [];
let inUse = 0;
let module: object | undefined;

/** An instance of the scan's inner loop, with the window of input in its memory. */
export class Kernel {
  readonly #exports: Exports;
  #window: Uint8Array;
  #batch: Batch;
  #learnedDays = 0;

  /** A kernel for a new input, or null while too many are in use. It is to be released. */
  static acquire(): Kernel | null {
    if (inUse === MAX_KERNELS) return null;
    const kernel = idle.pop() ?? new Kernel();
    inUse++;
    return kernel;
  }

  private constructor() {
    module ??= new WebAssembly.Module(Buffer.from(BINARY, 'base64'));
    this.#exports = new WebAssembly.Instance(module).exports;
    [this.#window, this.#batch] = this.#views();
  }

  release(): void {
    inUse--;
    if (this.#exports.memory.buffer.byteLength <= MAX_IDLE_BYTES) idle.push(this);
  }

  /**
   * Forgets everything, for a new input.
   *
   * @param roles the role of each column
   * @param keyColumns number of leading columns that hold the keys; 0 where a figure stands before a key
   * @returns false when the kernel cannot scan so many columns
   */
  reset(delimiter: number, roles: readonly number[], keyColumns: number): boolean {
    const { memory, ROLES, MAX_COLUMNS, reset } = this.#exports;
    if (roles.length > MAX_COLUMNS.value) return false;
    new Uint8Array(memory.buffer, ROLES.value, roles.length).set(roles);
    reset(delimiter, roles.length, keyColumns);
    this.#learnedDays = 0;
    return true;
  }

  /** The bytes that {@link scan} works on; the same bytes, but maybe another view of them, after something is learned. */
  get window(): Uint8Array {
    return this.#window;
  }

  /**
   * Scans rows that start in `[start, stop)` of the window, whose byte at `limit` is a line feed.
   *
   * @param asciiOnly whether to stop at rows that hold other bytes
   * @returns where it stopped
   */
  scan(start: number, stop: number, limit: number, asciiOnly: boolean): number {
    const { WINDOW, scan } = this.#exports;
    const origin = WINDOW.value;
    return scan(start + origin, stop + origin, limit + origin, Number(asciiOnly)) - origin;
  }

  get halt(): number {
    return this.#exports.halt.value;
  }

  /** Rows taken by the last {@link scan}. */
  get rows(): number {
    return this.#exports.rows.value;
  }

  /** Line breaks passed by the last {@link scan}. */
  get lines(): number {
    return this.#exports.lines.value;
  }

  /** The range `[from, to)` of the window whose bytes, unknown, stopped the last {@link scan}. */
  get unknown(): ByteRange {
    const { WINDOW, keyFrom, keyTo } = this.#exports;
    return { from: keyFrom.value - WINDOW.value, to: keyTo.value - WINDOW.value };
  }

  /** Makes an item known by its raw bytes; false when it is left to the slow way. */
  learnItem(range: ByteRange, item: number): boolean {
    return this.#learn(range, this.#exports.ITEM_KEY, item);
  }

  /** Makes a day known by its raw bytes; false when it is left to the slow way. */
  learnDay(range: ByteRange, day: number): boolean {
    const { DAY_KEY, DAY_BIAS } = this.#exports;
    if (this.#learnedDays === MAX_LEARNED_DAYS) return false;
    this.#learnedDays++;
    return this.#learn(range, DAY_KEY, day + DAY_BIAS.value);
  }

  #learn({ from, to }: ByteRange, kind: Constant, value: number): boolean {
    const { WINDOW, learn, memory } = this.#exports;
    const learned = learn(from + WINDOW.value, to + WINDOW.value, kind.value, value) !== 0;
    if (memory.buffer !== this.#window.buffer) [this.#window, this.#batch] = this.#views();
    return learned;
  }

  /** Hands over the observations collected so far. */
  drain(to: (batch: Batch, length: number) => void): void {
    const { batchLength } = this.#exports;
    to(this.#batch, batchLength.value);
    batchLength.value = 0;
  }

  #views(): [Uint8Array, Batch] {
    const { memory, WINDOW, WINDOW_BYTES, BATCH_CAPACITY, BATCH_ITEMS, BATCH_DAYS, BATCH_FIGURES } =
      this.#exports;
    const capacity = BATCH_CAPACITY.value;
    return [
      new Uint8Array(memory.buffer, WINDOW.value, WINDOW_BYTES.value),
      {
        items: new Int32Array(memory.buffer, BATCH_ITEMS.value, capacity),
        days: new Int32Array(memory.buffer, BATCH_DAYS.value, capacity),
        figures: new Float64Array(memory.buffer, BATCH_FIGURES.value, capacity * 3),
      },
    ];
  }
}
