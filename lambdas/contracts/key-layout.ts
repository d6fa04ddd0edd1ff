/** The folders of the data bucket. Everything in it lies in one of them, and each has its own lifecycle. */
export const DATA_FOLDERS = [
  // What clients bring: uploads/<tenant>/<dataset>/…, and uploads/<tenant>/inbox/… for objects put there by hand.
  'uploads',
  // Request bodies too large to travel in a queue message, and the histories of datasets that jobs read.
  'payloads',
  // Daily totals of one chunk, one immutable object a chunk.
  'partials',
  // What was found of each item, and its daily totals: two objects a shard.
  'results',
  // What a person takes away: summary, CSV, PDF.
  'reports',
] as const;

export type DataFolder = (typeof DATA_FOLDERS)[number];

/** Start of the keys of all objects in a folder. */
export function folderPrefix(folder: DataFolder): string {
  return `${folder}/`;
}

/** Attribute names of the jobs table; `docs/infrastructure.md` lists the records that share it and their keys. */
export const TABLE_ATTRIBUTES = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Seconds since the epoch after which DynamoDB may delete the record; it does so late, so readers check too. */
  expiry: 'expiresAt',
} as const;

/** Index of the jobs table over the jobs that the sweeper looks after, by when they were last written. */
export const WATCHED_JOBS_INDEX = {
  name: 'watched-jobs',
  /** What is watched and the number of a shard; only watched jobs have it. */
  partitionKey: 'watch',
  sortKey: 'touchedAt',
} as const;
