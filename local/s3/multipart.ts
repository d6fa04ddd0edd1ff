import type { ServerResponse } from 'node:http';
import { receiveBody } from './receive.ts';
import { type ObjectRequest, sendXml } from './request.ts';
import type { ObjectStore } from './store.ts';
import { partNumber, type Uploads } from './uploads.ts';
import { authoriseWrite, keptHeaders, readText, versionHeader } from './write-object.ts';
import { element, elementsOf, unescapeXml, xmlDocument } from './xml.ts';

type Operation = (
  store: ObjectStore,
  uploads: Uploads,
  request: ObjectRequest,
  response: ServerResponse,
) => Promise<void>;

export const createUpload: Operation = async (store, uploads, request, response) => {
  await authoriseWrite(store, request);
  const id = uploads.create(request.bucket, request.key, keptHeaders(request));
  const document = xmlDocument('InitiateMultipartUploadResult', [
    element('Bucket', request.bucket),
    element('Key', request.key),
    element('UploadId', id),
  ]);
  sendXml(response, 200, document);
};

export const uploadPart: Operation = async (store, uploads, request, response) => {
  await authoriseWrite(store, request);
  const upload = uploads.find(request.query.get('uploadId') ?? '', request.bucket, request.key);
  const number = partNumber(request.query.get('partNumber'));
  const body = await receiveBody(request, store.blobDirectory);
  try {
    uploads.keepPart(upload, number, body);
  } catch (error) {
    store.removeBlobs([{ file: body.blob, size: body.size }]);
    throw error;
  }
  response.writeHead(200, { etag: `"${body.md5}"`, ...body.checksums }).end();
};

export const completeUpload: Operation = async (store, uploads, request, response) => {
  const condition = await authoriseWrite(store, request);
  const upload = uploads.find(request.query.get('uploadId') ?? '', request.bucket, request.key);
  const named = elementsOf(await readText(request), 'Part').map((part) => ({
    number: partNumber(elementsOf(part, 'PartNumber')[0] ?? null),
    etag: unescapeXml(elementsOf(part, 'ETag')[0] ?? '').replaceAll('"', ''),
  }));
  const { etag, version } = uploads.complete(upload, named, condition, request);
  const document = xmlDocument('CompleteMultipartUploadResult', [
    element('Location', `http://${request.headers.host}/${request.bucket}/${request.key}`),
    element('Bucket', request.bucket),
    element('Key', request.key),
    element('ETag', `"${etag}"`),
  ]);
  for (const [name, value] of Object.entries(versionHeader(version))) response.setHeader(name, value);
  sendXml(response, 200, document);
};

export const abortUpload: Operation = async (_store, uploads, request, response) => {
  await request.authorise('s3:AbortMultipartUpload', `${request.bucket}/${request.key}`);
  uploads.abort(uploads.find(request.query.get('uploadId') ?? '', request.bucket, request.key));
  response.writeHead(204).end();
};

export const listParts: Operation = async (_store, uploads, request, response) => {
  await request.authorise('s3:ListMultipartUploadParts', `${request.bucket}/${request.key}`);
  const upload = uploads.find(request.query.get('uploadId') ?? '', request.bucket, request.key);
  const after = Number(request.query.get('part-number-marker') ?? 0);
  const limit = Math.min(Number(request.query.get('max-parts') ?? 1000), 1000);
  const rest = uploads.parts(upload).filter((part) => part.number > after);
  const parts = rest.slice(0, limit);
  const document = xmlDocument('ListPartsResult', [
    element('Bucket', request.bucket),
    element('Key', request.key),
    element('UploadId', upload.id),
    element('IsTruncated', String(parts.length < rest.length)),
    element('NextPartNumberMarker', parts.at(-1)?.number ?? after),
    ...parts.map(({ number, md5, size, modified }) =>
      element('Part', [
        element('PartNumber', number),
        element('LastModified', new Date(modified).toISOString()),
        element('ETag', `"${md5}"`),
        element('Size', size),
      ]),
    ),
  ]);
  sendXml(response, 200, document);
};
