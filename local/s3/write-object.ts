import type { ServerResponse } from 'node:http';
import { AwsError } from '../auth/errors.ts';
import { noSuchKey, type WriteCondition } from './conditions.ts';
import { receiveBody } from './receive.ts';
import { headerOf, notImitated, type ObjectRequest, type S3Request, sendXml } from './request.ts';
import type { ObjectStore } from './store.ts';
import { element, elementsOf, unescapeXml, xmlDocument } from './xml.ts';

const KEPT_HEADERS = ['content-type', 'cache-control', 'content-disposition', 'content-language', 'expires'];
const MAX_KEY_BYTES = 1024;

/** PutObject, conditional where asked. */
export async function putObject(
  store: ObjectStore,
  request: ObjectRequest,
  response: ServerResponse,
): Promise<void> {
  const condition = await authoriseWrite(store, request);
  const body = await receiveBody(request, store.blobDirectory);
  const blobs = [{ file: body.blob, size: body.size }];
  try {
    const { etag, version } = store.put(
      {
        bucket: request.bucket,
        key: request.key,
        blobs,
        etag: body.md5,
        headers: { ...keptHeaders(request), ...body.checksums },
        reason: 'PutObject',
        requestId: request.requestId,
        requester: request.requester,
      },
      condition,
    );
    response.writeHead(200, { etag: `"${etag}"`, ...versionHeader(version), ...body.checksums });
    response.end();
  } catch (error) {
    store.removeBlobs(blobs);
    throw error;
  }
}

/** Checks who may write what under which condition, before any byte is read. */
export async function authoriseWrite(store: ObjectStore, request: ObjectRequest): Promise<WriteCondition> {
  if (request.headers['x-amz-copy-source'] !== undefined) throw notImitated('CopyObject');
  if (Buffer.byteLength(request.key) > MAX_KEY_BYTES) {
    throw new AwsError(400, 'KeyTooLongError', 'Your key is too long', { Size: String(request.key.length) });
  }
  const resource = `${request.bucket}/${request.key}`;
  await request.authorise('s3:PutObject', resource);
  const ifMatch = headerOf(request, 'if-match');
  const ifNoneMatch = headerOf(request, 'if-none-match');
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*')
    throw notImitated('If-None-Match with an ETag on a write');
  // S3 asks for both permissions, because the answer tells something of the object that is there.
  if (ifMatch !== undefined) await request.authorise('s3:GetObject', resource);
  store.bucket(request.bucket);
  return { ifMatch, ifNoneMatch };
}

export function keptHeaders(request: S3Request): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of Object.keys(request.headers)) {
    const value = headerOf(request, name);
    if (value !== undefined && (KEPT_HEADERS.includes(name) || name.startsWith('x-amz-meta-')))
      kept[name] = value;
  }
  const encoding = (headerOf(request, 'content-encoding') ?? '')
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'aws-chunked')
    .join(',');
  return encoding === '' ? kept : { ...kept, 'content-encoding': encoding };
}

export function versionHeader(version: string): Record<string, string> {
  return version === 'null' ? {} : { 'x-amz-version-id': version };
}

/** DeleteObject, of the current version or of one for good. */
export async function deleteObject(
  store: ObjectStore,
  request: ObjectRequest,
  response: ServerResponse,
): Promise<void> {
  const version = request.query.get('versionId') ?? undefined;
  const { bucket, key } = request;
  await request.authorise(
    version === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
    `${bucket}/${key}`,
  );
  const ifMatch = headerOf(request, 'if-match');
  if (ifMatch !== undefined) throw notImitated('If-Match on a deletion');
  const deleted = store.delete(bucket, key, version);
  response.writeHead(204, {
    ...(deleted.marker ? { 'x-amz-delete-marker': 'true' } : {}),
    ...(deleted.version === undefined ? {} : { 'x-amz-version-id': deleted.version }),
  });
  response.end();
}

/** DeleteObjects: up to 1,000 keys, each with an answer of its own. */
export async function deleteObjects(
  store: ObjectStore,
  request: S3Request & { readonly bucket: string },
  response: ServerResponse,
): Promise<void> {
  const { bucket } = request;
  store.bucket(bucket);
  const xml = await readText(request);
  const answers = [];
  for (const object of elementsOf(xml, 'Object')) {
    const key = unescapeXml(elementsOf(object, 'Key')[0] ?? '');
    const version = elementsOf(object, 'VersionId')[0];
    try {
      if (key === '') throw noSuchKey(key);
      await request.authorise(
        version === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
        `${bucket}/${key}`,
      );
      store.delete(bucket, key, version);
      answers.push(element('Deleted', [element('Key', key)]));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      answers.push(
        element('Error', [
          element('Key', key),
          element('Code', error.code),
          element('Message', error.message),
        ]),
      );
    }
  }
  sendXml(response, 200, xmlDocument('DeleteResult', answers));
}

/** A small document. @throws AwsError 400 above 2 MB */
export async function readText(request: S3Request): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > 2_000_000) throw new AwsError(400, 'MalformedXML', 'The XML you provided was too long.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}
