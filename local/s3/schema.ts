import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

/**
 * What is known of objects. Bodies are files; a version names the files that make it up, so that completing a
 * multipart upload copies nothing. Times are milliseconds since the epoch.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS versions (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  bucket TEXT NOT NULL, key TEXT NOT NULL, version TEXT NOT NULL,
  current INTEGER NOT NULL, marker INTEGER NOT NULL,
  blobs TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL, headers TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS versions_by_key ON versions (bucket, key, current);
CREATE TABLE IF NOT EXISTS uploads (
  id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, headers TEXT NOT NULL, created INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS parts (
  upload TEXT NOT NULL, number INTEGER NOT NULL, blob TEXT NOT NULL, size INTEGER NOT NULL, md5 TEXT NOT NULL,
  modified INTEGER NOT NULL, PRIMARY KEY (upload, number)
);
CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, detail TEXT NOT NULL);
`;

export function createSchema(database: DatabaseSync): void {
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  database.exec(SCHEMA);
}

/** Runs `work` in one transaction: all of it happens or nothing. */
export function transaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

const jsonText = z.string().transform((text): unknown => JSON.parse(text));

export const blobsSchema = z.array(z.object({ file: z.string(), size: z.number() }));

const headersSchema = z.record(z.string(), z.string());

export const versionSchema = z.object({
  sequence: z.number(),
  key: z.string(),
  version: z.string(),
  marker: z.number().transform((marker) => marker === 1),
  blobs: jsonText.pipe(blobsSchema),
  size: z.number(),
  etag: z.string(),
  modified: z.number(),
  headers: jsonText.pipe(headersSchema),
});

export const uploadSchema = z.object({
  id: z.string(),
  bucket: z.string(),
  key: z.string(),
  headers: jsonText.pipe(headersSchema),
});

export const partSchema = z.object({
  number: z.number(),
  blob: z.string(),
  size: z.number(),
  md5: z.string(),
  modified: z.number(),
});

export type Blobs = z.infer<typeof blobsSchema>;
export type StoredVersion = z.infer<typeof versionSchema>;
export type StoredUpload = z.infer<typeof uploadSchema>;
export type StoredPart = z.infer<typeof partSchema>;
