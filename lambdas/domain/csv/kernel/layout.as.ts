/** Where things are in the kernel's memory. A load may read up to 64 bytes past what it is about. */

/** Roles of columns, one byte each. */
export const ROLES: usize = 1024;
export const MAX_COLUMNS: u32 = 4096;

/** Observations of consecutive rows, as parallel columns; three figures to each. */
export const BATCH_CAPACITY: u32 = 512;
export const BATCH_ITEMS: usize = 8192;
export const BATCH_DAYS: usize = 12288;
export const BATCH_FIGURES: usize = 16384;

/** The first entries of the known keys. */
export const FIRST_ENTRIES: usize = 32768;
export const FIRST_CAPACITY: u32 = 1024;

/** The bytes to be scanned: the longest record, a block of input, and room to read past them. */
export const WINDOW: usize = 65536;
export const WINDOW_BYTES: usize = (1 << 20) + (1 << 19) + 1024;
export const MAX_RECORD_BYTES: usize = 1 << 20;

/** What is learned grows from here. */
export const HEAP: usize = WINDOW + WINDOW_BYTES;
export const MAX_HEAP: usize = 1 << 30;
