import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { blobsSchema } from '../../local/s3/schema.ts';
import type { System, Upload } from './system.ts';

/**
 * Makes the disk lose what is in an upload, as a store that is ill does for a while: S3 knows the object, and breaks off
 * when it is read.
 *
 * @returns how to bring the content back
 */
export function damage({ dataDirectory }: System, { key, version }: Upload): () => void {
  const database = new DatabaseSync(join(dataDirectory, 's3', 'objects.sqlite'), { readOnly: true });
  const row = database.prepare('SELECT blobs FROM versions WHERE key = ? AND version = ?').get(key, version);
  database.close();
  const [blob] = blobsSchema.parse(JSON.parse(String(row?.['blobs'])));
  const file = join(dataDirectory, 's3', 'blobs', blob!.file);
  const content = readFileSync(file);
  truncateSync(file, 0);
  return () => writeFileSync(file, content);
}
