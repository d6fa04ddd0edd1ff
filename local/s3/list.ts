import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { AwsError } from '../auth/errors.ts';
import { encode } from '../auth/sigv4.ts';
import { type S3Request, sendXml } from './request.ts';
import { type StoredVersion, versionSchema } from './schema.ts';
import type { ObjectStore } from './store.ts';
import { element, type Xml, xmlDocument } from './xml.ts';

// Sorts after every key that starts with what it follows.
export const AFTER_ALL = '\u{10ffff}';

interface Listing {
  readonly objects: readonly StoredVersion[];
  readonly prefixes: readonly string[];
  /** Last key or prefix of a page that is not the last. */
  readonly next: string | undefined;
}

/** ListObjectsV2. */
export async function listObjects(
  store: ObjectStore,
  request: S3Request & { readonly bucket: string },
  response: ServerResponse,
): Promise<void> {
  const { query, bucket } = request;
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  await request.authorise('s3:ListBucket', bucket, {
    's3:prefix': prefix,
    ...(delimiter === '' ? {} : { 's3:delimiter': delimiter }),
  });
  store.bucket(bucket);
  const limit = maxKeys(query.get('max-keys'));
  const token = query.get('continuation-token');
  const after =
    token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString();
  const { objects, prefixes, next } = page(store, { bucket, prefix, delimiter, after, limit });
  const text =
    query.get('encoding-type') === 'url' ? (key: string) => encode(key).replaceAll('%2F', '/') : String;
  const document = xmlDocument('ListBucketResult', [
    element('Name', bucket),
    element('Prefix', text(prefix)),
    ...(delimiter === '' ? [] : [element('Delimiter', text(delimiter))]),
    element('MaxKeys', limit),
    element('KeyCount', objects.length + prefixes.length),
    element('IsTruncated', String(next !== undefined)),
    ...(next === undefined
      ? []
      : [element('NextContinuationToken', Buffer.from(next).toString('base64url'))]),
    ...(query.has('encoding-type') ? [element('EncodingType', 'url')] : []),
    ...objects.map((object) => contents(object, text(object.key))),
    ...prefixes.map((common) => element('CommonPrefixes', [element('Prefix', text(common))])),
  ]);
  sendXml(response, 200, document);
}

function contents(object: StoredVersion, key: string): Xml {
  return element('Contents', [
    element('Key', key),
    element('LastModified', new Date(object.modified).toISOString()),
    element('ETag', `"${object.etag}"`),
    element('Size', object.size),
    element('StorageClass', 'STANDARD'),
  ]);
}

function page(
  store: ObjectStore,
  where: { bucket: string; prefix: string; delimiter: string; after: string; limit: number },
): Listing {
  const { bucket, prefix, delimiter, limit } = where;
  const objects: StoredVersion[] = [];
  const prefixes: string[] = [];
  let after = delimiter !== '' && where.after.endsWith(delimiter) ? where.after + AFTER_ALL : where.after;
  let last = '';
  for (;;) {
    const rows = select(store, bucket, prefix, after, 1000);
    for (const row of rows) {
      if (row.key <= after && after.endsWith(AFTER_ALL)) continue;
      if (objects.length + prefixes.length >= limit)
        return { objects, prefixes, next: limit === 0 ? undefined : last };
      const end = delimiter === '' ? -1 : row.key.indexOf(delimiter, prefix.length);
      after = end === -1 ? row.key : row.key.slice(0, end + delimiter.length) + AFTER_ALL;
      last = end === -1 ? row.key : row.key.slice(0, end + delimiter.length);
      if (end === -1) objects.push(row);
      else prefixes.push(last);
      if (end !== -1) break;
    }
    if (rows.length === 0) return { objects, prefixes, next: undefined };
  }
}

function select(
  store: ObjectStore,
  bucket: string,
  prefix: string,
  after: string,
  count: number,
): StoredVersion[] {
  return z.array(versionSchema).parse(
    store.database
      .prepare(
        `SELECT * FROM versions WHERE bucket = ? AND current = 1 AND marker = 0 AND key >= ? AND key < ? AND key > ?
         ORDER BY key LIMIT ?`,
      )
      .all(bucket, prefix, prefix + AFTER_ALL, after, count),
  );
}

/** How much a page of a list may hold. @throws AwsError 400 */
export function maxKeys(text: string | null): number {
  const count = text === null ? 1000 : Number(text);
  if (Number.isInteger(count) && count >= 0) return Math.min(count, 1000);
  throw new AwsError(400, 'InvalidArgument', 'Provided max-keys not an integer or within integer range');
}
