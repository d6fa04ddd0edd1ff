import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { AFTER_ALL, maxKeys } from './list.ts';
import { type S3Request, sendXml } from './request.ts';
import { versionSchema } from './schema.ts';
import type { ObjectStore } from './store.ts';
import { element, type Xml, xmlDocument } from './xml.ts';

const listedSchema = versionSchema.extend({ current: z.number() });
type ListedVersion = z.infer<typeof listedSchema>;

/** ListObjectVersions, without a delimiter: by key, the newest version of each first. */
export async function listVersions(
  store: ObjectStore,
  request: S3Request & { readonly bucket: string },
  response: ServerResponse,
): Promise<void> {
  const { query, bucket } = request;
  const prefix = query.get('prefix') ?? '';
  await request.authorise('s3:ListBucketVersions', bucket, { 's3:prefix': prefix });
  store.bucket(bucket);
  const limit = maxKeys(query.get('max-keys'));
  const keyMarker = query.get('key-marker') ?? '';
  const found = select(store, { bucket, prefix, keyMarker, version: query.get('version-id-marker'), limit });
  const shown = found.slice(0, limit);
  const last = found.length > limit ? shown.at(-1) : undefined;
  const document = xmlDocument('ListVersionsResult', [
    element('Name', bucket),
    element('Prefix', prefix),
    element('KeyMarker', keyMarker),
    element('MaxKeys', limit),
    element('IsTruncated', String(last !== undefined)),
    ...(last === undefined
      ? []
      : [element('NextKeyMarker', last.key), element('NextVersionIdMarker', last.version)]),
    ...shown.map(versionElement),
  ]);
  sendXml(response, 200, document);
}

function versionElement({ key, version, current, modified, marker, etag, size }: ListedVersion): Xml {
  const common = [
    element('Key', key),
    element('VersionId', version),
    element('IsLatest', String(current === 1)),
    element('LastModified', new Date(modified).toISOString()),
  ];
  if (marker) return element('DeleteMarker', common);
  const content = [element('ETag', `"${etag}"`), element('Size', size), element('StorageClass', 'STANDARD')];
  return element('Version', [...common, ...content]);
}

/** One more than the limit. A marker whose version was deleted meanwhile stands before all that are left of its key. */
function select(
  store: ObjectStore,
  where: { bucket: string; prefix: string; keyMarker: string; version: string | null; limit: number },
): ListedVersion[] {
  const { bucket, prefix, keyMarker, version, limit } = where;
  const marked = version === null ? undefined : store.find(bucket, keyMarker, version)?.sequence;
  const before = version === null ? 0 : (marked ?? Number.MAX_SAFE_INTEGER);
  return z.array(listedSchema).parse(
    store.database
      .prepare(
        `SELECT * FROM versions WHERE bucket = ? AND key >= ? AND key < ?
           AND (key > ? OR (key = ? AND sequence < ?))
         ORDER BY key, sequence DESC LIMIT ?`,
      )
      .all(bucket, prefix, prefix + AFTER_ALL, keyMarker, keyMarker, before, limit + 1),
  );
}
