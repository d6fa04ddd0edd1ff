import { createHash } from 'node:crypto';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, it } from 'vitest';
import { createS3UploadStore } from '../../lambdas/adapters/s3-upload-store.ts';
import type { SignedRequest } from '../../lambdas/ports/upload-store.ts';
import { startDataBucket } from './data-bucket.ts';

const bucket = await startDataBucket();
const { accessKeyId, secretAccessKey } = await bucket.client.config.credentials();
const client = new S3Client({
  endpoint: bucket.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId, secretAccessKey },
  requestChecksumCalculation: 'WHEN_REQUIRED',
});
afterAll(() => client.destroy());
const now = Date.now();
const store = createS3UploadStore(client, bucket.name, { now: () => now });
const BODY = Buffer.from('ad_name,day\na,2026-01-01\n');
const sha256 = createHash('sha256').update(BODY).digest('base64');
const PROMISE = { bytes: BODY.length, contentType: 'text/csv', sha256: null };

async function send(
  { url, headers }: SignedRequest,
  body: Buffer<ArrayBuffer>,
  changes: Record<string, string> = {},
): Promise<number> {
  const { 'Content-Length': _length, ...own } = headers;
  return (await fetch(url, { method: 'PUT', body, headers: { ...own, ...changes } })).status;
}

async function stored(key: string): Promise<{ text: string; type: string | undefined }> {
  const { Body, ContentType } = await client.send(new GetObjectCommand({ Bucket: bucket.name, Key: key }));
  return { text: (await Body?.transformToString()) ?? '', type: ContentType };
}

describe('a signed upload', () => {
  it('takes the file that was announced', async () => {
    const key = 'uploads/acme/ds_1/job_1/spring é.csv';
    expect(await send(await store.signPut(key, { ...PROMISE, sha256 }), BODY)).toBe(200);
    expect(await stored(key)).toEqual({ text: BODY.toString(), type: 'text/csv' });
  });

  it('binds length, type and digest into the signature', async () => {
    const { url, headers, expiresAt } = await store.signPut('uploads/a', { ...PROMISE, sha256 });
    const signed = new URL(url).searchParams.get('X-Amz-SignedHeaders')?.split(';');
    expect(signed).toEqual(
      expect.arrayContaining(['content-length', 'content-type', 'x-amz-checksum-sha256']),
    );
    expect(headers).toEqual({
      'Content-Length': String(BODY.length),
      'Content-Type': 'text/csv',
      'x-amz-checksum-sha256': sha256,
    });
    expect(new URL(url).searchParams.get('x-amz-checksum-crc32')).toBeNull();
    expect(Date.parse(expiresAt)).toBe(now + 3_600_000);
  });

  it('takes no file of another length or type', async () => {
    const request = await store.signPut('uploads/b', PROMISE);
    expect(await send(request, Buffer.concat([BODY, BODY]))).toBe(403);
    expect(await send(request, BODY, { 'Content-Type': 'text/html' })).toBe(403);
    expect(await send({ ...request, url: request.url.replace('uploads/b', 'uploads/c') }, BODY)).toBe(403);
  });
});

describe('an upload of several parts', () => {
  const key = 'uploads/acme/ds_1/job_2/large.csv';
  const MIB = 2 ** 20;
  const parts = [Buffer.alloc(5 * MIB, 'a'), Buffer.from('the end')];

  it('is put together of what arrived', async () => {
    const upload = { key, uploadId: await store.begin(key, 'text/csv') };
    expect(await store.listParts(upload)).toEqual([]);
    for (const [i, part] of parts.entries())
      expect(await send(await store.signPart(upload, i + 1, part.length), part)).toBe(200);
    const arrived = await store.listParts(upload);
    expect(arrived?.map(({ partNumber, bytes }) => [partNumber, bytes])).toEqual([
      [1, 5 * MIB],
      [2, 7],
    ]);
    await store.complete(upload, arrived ?? []);
    expect((await stored(key)).text).toHaveLength(5 * MIB + 7);
    expect(await store.listParts(upload)).toBeNull();
  });

  it('can be given up, more than once', async () => {
    const upload = { key, uploadId: await store.begin(key, 'text/csv') };
    await store.abort(upload);
    await store.abort(upload);
    expect(await store.listParts(upload)).toBeNull();
  });

  it('takes no part of another length', async () => {
    const upload = { key, uploadId: await store.begin(key, 'text/csv') };
    expect(await send(await store.signPart(upload, 1, 8), parts[1]!)).toBe(403);
  });
});
