import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { AwsError } from '../auth/errors.ts';
import { noSuchKey, preconditionFailed } from './conditions.ts';
import { type ByteRange, parseRange } from './range.ts';
import { headerOf, type ObjectRequest } from './request.ts';
import type { Blobs, StoredVersion } from './schema.ts';
import { sendFile } from './send-file.ts';
import type { ObjectStore } from './store.ts';

const OVERRIDES = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
];

/** GetObject and HeadObject: whole, a range, a version; conditional. */
export async function readObject(
  store: ObjectStore,
  request: ObjectRequest,
  response: ServerResponse,
): Promise<void> {
  const version = request.query.get('versionId') ?? undefined;
  await authoriseRead(request, version);
  store.bucket(request.bucket);
  const found = store.find(request.bucket, request.key, version);
  if (found === undefined || found.marker) throw await missing(request, found, version);
  if (!checkConditions(request, found)) {
    response.writeHead(304, { etag: `"${found.etag}"` }).end();
    return;
  }
  const range = parseRange(headerOf(request, 'range'), found.size);
  response.writeHead(range === undefined ? 200 : 206, headers(request, found, range));
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await send(store.blobDirectory, found.blobs, range ?? { start: 0, end: found.size - 1 }, response);
}

async function authoriseRead(request: ObjectRequest, version: string | undefined): Promise<void> {
  const action = version === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
  await request.authorise(action, `${request.bucket}/${request.key}`);
}

/** Whoever may not list the bucket is not told that a key is free: S3 answers 403 instead of 404. */
async function missing(
  request: ObjectRequest,
  found: StoredVersion | undefined,
  version: string | undefined,
): Promise<AwsError> {
  await request.authorise('s3:ListBucket', request.bucket);
  if (found !== undefined && version !== undefined) {
    return new AwsError(
      405,
      'MethodNotAllowed',
      'The specified method is not allowed against a delete marker.',
    );
  }
  if (version === undefined) return noSuchKey(request.key);
  return new AwsError(404, 'NoSuchVersion', 'The specified version does not exist.', { VersionId: version });
}

/** False when the reader has what there is. @throws AwsError 412 when it asked for something else */
function checkConditions(request: ObjectRequest, found: StoredVersion): boolean {
  const ifMatch = headerOf(request, 'if-match');
  const ifNoneMatch = headerOf(request, 'if-none-match');
  const unmodifiedSince = headerOf(request, 'if-unmodified-since');
  const modifiedSince = headerOf(request, 'if-modified-since');
  const seconds = Math.floor(found.modified / 1000) * 1000;
  if (ifMatch !== undefined && !names(ifMatch, found.etag)) throw preconditionFailed('If-Match');
  if (ifMatch === undefined && unmodifiedSince !== undefined && seconds > Date.parse(unmodifiedSince)) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) return !names(ifNoneMatch, found.etag);
  return modifiedSince === undefined || seconds > Date.parse(modifiedSince);
}

function names(condition: string, etag: string): boolean {
  return (
    condition === '*' ||
    condition.split(',').some((candidate) => candidate.trim().replaceAll('"', '') === etag)
  );
}

function headers(
  request: ObjectRequest,
  found: StoredVersion,
  range: ByteRange | undefined,
): Record<string, string | number> {
  const { 'x-amz-checksum-crc32': checksum, ...stored } = found.headers;
  const wholeWithChecksum =
    checksum !== undefined && range === undefined && request.headers['x-amz-checksum-mode'] === 'ENABLED';
  const overrides = OVERRIDES.flatMap((name) => {
    const value = request.query.get(`response-${name}`);
    return value === null ? [] : [[name, value]];
  });
  return {
    ...stored,
    ...Object.fromEntries(overrides),
    ...(wholeWithChecksum ? { 'x-amz-checksum-crc32': checksum, 'x-amz-checksum-type': 'FULL_OBJECT' } : {}),
    ...(found.version === 'null' ? {} : { 'x-amz-version-id': found.version }),
    ...(range === undefined ? {} : { 'content-range': `bytes ${range.start}-${range.end}/${found.size}` }),
    etag: `"${found.etag}"`,
    'last-modified': new Date(found.modified).toUTCString(),
    'accept-ranges': 'bytes',
    'content-length': range === undefined ? found.size : range.end - range.start + 1,
    'x-amz-server-side-encryption': 'AES256',
  };
}

async function send(
  directory: string,
  blobs: Blobs,
  range: ByteRange,
  response: ServerResponse,
): Promise<void> {
  let offset = 0;
  for (const { file, size } of blobs) {
    const start = Math.max(range.start - offset, 0);
    const end = Math.min(range.end - offset, size - 1);
    offset += size;
    if (start > end) continue;
    await sendFile(join(directory, file), start, end, response);
  }
  response.end();
}
