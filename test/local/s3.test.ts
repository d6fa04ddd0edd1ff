import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type S3Server, startS3 } from './s3-server.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const MIB = 1 << 20;
const directory = temporaryDirectory();
let server: S3Server;
let s3: S3Client;

beforeAll(async () => {
  server = await startS3(directory.path);
  s3 = server.client();
});
afterAll(async () => {
  await server.close();
  directory.remove();
});

async function read(
  Key: string,
  extra: { Range?: string; VersionId?: string; Bucket?: string } = {},
): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'plain', Key, ...extra }));
  return Buffer.from(await Body!.transformToByteArray());
}

function put(Key: string, Body: string | Buffer, extra: object = {}) {
  return s3.send(new PutObjectCommand({ Bucket: 'plain', Key, Body, ...extra }));
}

describe('objects', () => {
  it('gives back bytes, headers and the MD5 as ETag', async () => {
    const body = randomBytes(3 * MIB);
    await put('a/b c+ü&.bin', body, {
      ContentType: 'text/csv',
      Metadata: { tenant: 'acme' },
      CacheControl: 'no-store',
    });
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'a/b c+ü&.bin' }));
    expect(head).toMatchObject({
      ContentLength: body.length,
      ContentType: 'text/csv',
      CacheControl: 'no-store',
      Metadata: { tenant: 'acme' },
      ETag: `"${createHash('md5').update(body).digest('hex')}"`,
    });
    expect((await read('a/b c+ü&.bin')).equals(body)).toBe(true);
  });

  it('takes a stream of unknown checksum, as the SDK sends it in chunks with a trailer', async () => {
    const body = randomBytes(2 * MIB + 17);
    const chunks = Array.from({ length: 33 }, (_, i) => body.subarray(i * 65_536, (i + 1) * 65_536));
    await s3.send(
      new PutObjectCommand({
        Bucket: 'plain',
        Key: 'streamed',
        Body: Readable.from(chunks),
        ContentLength: body.length,
      }),
    );
    expect((await read('streamed')).equals(body)).toBe(true);
  });

  it('keeps an empty object and answers 404 for none', async () => {
    await put('empty', '');
    expect(await read('empty')).toHaveLength(0);
    await expect(read('nobody')).rejects.toMatchObject({
      name: 'NoSuchKey',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(s3.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'nobody' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    await expect(read('x', { Bucket: 'nobucket' })).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('refuses a body that is not what its checksum says, and keeps nothing of it', async () => {
    await expect(put('corrupt', 'abc', { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({
      name: 'BadDigest',
    });
    await expect(read('corrupt')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('refuses what it does not imitate instead of taking it for something else', async () => {
    await put('tagged', 'x');
    const tagging = s3.send(new GetObjectTaggingCommand({ Bucket: 'plain', Key: 'tagged' }));
    await expect(tagging).rejects.toMatchObject({ name: 'NotImplemented' });
  });
});

describe('ranges', () => {
  const body = randomBytes(5 * MIB + 3);
  beforeAll(() => put('ranged', body));

  it.each<[string, number, number]>([
    ['bytes=0-0', 0, 1],
    ['bytes=1048575-2097152', MIB - 1, 2 * MIB + 1],
    ['bytes=5242880-', 5 * MIB, 5 * MIB + 3],
    ['bytes=-5', 5 * MIB - 2, 5 * MIB + 3],
    ['bytes=-999999999', 0, 5 * MIB + 3],
    ['bytes=5242881-99999999', 5 * MIB + 1, 5 * MIB + 3],
  ])('answers %s', async (Range, start, end) => {
    const answer = await s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'ranged', Range }));
    expect(answer.ContentRange).toBe(`bytes ${start}-${end - 1}/${body.length}`);
    expect(Buffer.from(await answer.Body!.transformToByteArray()).equals(body.subarray(start, end))).toBe(
      true,
    );
  });

  it('refuses a range beyond the end', async () => {
    await expect(read('ranged', { Range: `bytes=${body.length}-` })).rejects.toMatchObject({
      name: 'InvalidRange',
    });
    await expect(read('ranged', { Range: 'bytes=-0' })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 416 },
    });
  });

  it('outlives a client that goes away while it reads', async () => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'ranged' }));
    if (Body instanceof Readable) Body.destroy();
    expect(await read('ranged')).toHaveLength(body.length);
  });

  it('serves eight ranges in parallel', async () => {
    const size = Math.ceil(body.length / 8);
    const parts = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        read('ranged', { Range: `bytes=${i * size}-${(i + 1) * size - 1}` }),
      ),
    );
    expect(Buffer.concat(parts).equals(body)).toBe(true);
  });
});

describe('conditions', () => {
  it('lets one of many writers create a key', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => put('once', `writer ${i}`, { IfNoneMatch: '*' })),
    );
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(lost).toHaveLength(7);
    for (const { reason } of lost)
      expect(reason).toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
    const winner = outcomes.findIndex((outcome) => outcome.status === 'fulfilled');
    expect(String(await read('once'))).toBe(`writer ${winner}`);
  });

  it('replaces only the ETag that was named', async () => {
    const { ETag } = await put('swap', 'one');
    await expect(put('swap', 'two', { IfMatch: '"00000000000000000000000000000000"' })).rejects.toMatchObject(
      { name: 'PreconditionFailed' },
    );
    await put('swap', 'two', { IfMatch: ETag });
    await expect(put('swap', 'three', { IfMatch: ETag })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await expect(put('swap none', 'x', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(String(await read('swap'))).toBe('two');
  });

  it('reads by ETag and by date', async () => {
    const { ETag } = await put('cached', 'x');
    const get = (extra: object) =>
      s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'cached', ...extra }));
    await expect(get({ IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(get({ IfMatch: '"other"' })).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
    await expect(get({ IfModifiedSince: new Date(Date.now() + 60_000) })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(get({ IfMatch: ETag, IfUnmodifiedSince: new Date(0) })).resolves.toMatchObject({ ETag });
  });
});

describe('versions', () => {
  it('reads old versions, hides deleted objects and brings them back', async () => {
    const kept = (Body: string) => s3.send(new PutObjectCommand({ Bucket: 'kept', Key: 'v', Body }));
    const first = await kept('one');
    const second = await kept('two');
    const at = async (VersionId?: string) =>
      String(await read('v', { Bucket: 'kept', ...(VersionId === undefined ? {} : { VersionId }) }));
    expect(await at()).toBe('two');
    expect(await at(first.VersionId)).toBe('one');
    const gone = await s3.send(new DeleteObjectCommand({ Bucket: 'kept', Key: 'v' }));
    expect(gone.DeleteMarker).toBe(true);
    await expect(at()).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await at(second.VersionId)).toBe('two');
    await s3.send(new DeleteObjectCommand({ Bucket: 'kept', Key: 'v', VersionId: gone.VersionId }));
    expect(await at()).toBe('two');
    await expect(at('nosuchversion')).rejects.toMatchObject({ name: 'NoSuchVersion' });
  });

  it('announces what was created, once, with version and size', async () => {
    for (const earlier of server.service.store.announcements()) server.service.store.forget(earlier);
    const { VersionId, ETag } = await s3.send(
      new PutObjectCommand({ Bucket: 'kept', Key: 'uploads/ü.csv', Body: 'abc' }),
    );
    await put('silent', 'abc');
    const details = server.service.store.announcements().map(({ detail }) => JSON.parse(detail));
    expect(details).toEqual([
      expect.objectContaining({
        bucket: { name: 'kept' },
        object: expect.objectContaining({
          key: 'uploads/ü.csv',
          size: 3,
          etag: ETag?.replaceAll('"', ''),
          'version-id': VersionId,
        }),
        reason: 'PutObject',
      }),
    ]);
  });
});

describe('multipart uploads', () => {
  const where = { Bucket: 'plain', Key: 'large' };
  const parts = [randomBytes(5 * MIB), randomBytes(5 * MIB + 1), randomBytes(10)];

  async function begin(): Promise<string> {
    return (await s3.send(new CreateMultipartUploadCommand({ ...where, ContentType: 'text/csv' }))).UploadId!;
  }
  async function upload(UploadId: string, bodies = parts) {
    return Promise.all(
      bodies.map(async (Body, i) => {
        const { ETag } = await s3.send(
          new UploadPartCommand({ ...where, UploadId, PartNumber: i + 1, Body }),
        );
        return { ETag, PartNumber: i + 1 };
      }),
    );
  }

  it('makes the parts an object whose ranges cross their borders', async () => {
    const UploadId = await begin();
    const Parts = await upload(UploadId);
    const listed = await s3.send(new ListPartsCommand({ ...where, UploadId }));
    expect(listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 5 * MIB],
      [2, 5 * MIB + 1],
      [3, 10],
    ]);
    const { ETag } = await s3.send(
      new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts } }),
    );
    const digest = createHash('md5');
    for (const part of parts) digest.update(createHash('md5').update(part).digest());
    expect(ETag).toBe(`"${digest.digest('hex')}-3"`);
    const whole = Buffer.concat(parts);
    expect((await read('large')).equals(whole)).toBe(true);
    const range = await read('large', { Range: `bytes=${5 * MIB - 2}-${10 * MIB + 4}` });
    expect(range.equals(whole.subarray(5 * MIB - 2, 10 * MIB + 5))).toBe(true);
    await expect(s3.send(new ListPartsCommand({ ...where, UploadId }))).rejects.toMatchObject({
      name: 'NoSuchUpload',
    });
  });

  it('refuses small, unknown and unordered parts', async () => {
    const UploadId = await begin();
    const Parts = await upload(UploadId, [parts[2]!, parts[2]!]);
    const complete = (Parts: object[]) =>
      s3.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts } }));
    await expect(complete(Parts)).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await expect(complete([...Parts].reverse())).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await expect(complete([{ ETag: '"0"', PartNumber: 1 }])).rejects.toMatchObject({ name: 'InvalidPart' });
    await s3.send(new AbortMultipartUploadCommand({ ...where, UploadId }));
    await expect(complete(Parts)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });
});

describe('listing', () => {
  const keys = ['l/a', 'l/b/1', 'l/b/2', 'l/c', 'l/d/x/y', 'l/ü', 'l/😀', 'm'];
  beforeAll(() => Promise.all(keys.map((key) => put(key, key))));

  async function list(
    extra: object,
  ): Promise<{ keys: (string | undefined)[]; prefixes: (string | undefined)[] }> {
    const found = { keys: [] as (string | undefined)[], prefixes: [] as (string | undefined)[] };
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(new ListObjectsV2Command({ Bucket: 'plain', ContinuationToken, ...extra }));
      found.keys.push(...(page.Contents ?? []).map(({ Key }) => Key));
      found.prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return found;
  }

  it.each([1, 2, 3, 1000])('gives keys in byte order, %i a page', async (MaxKeys) => {
    expect(await list({ Prefix: 'l/', MaxKeys })).toEqual({
      keys: keys.filter((key) => key.startsWith('l/')),
      prefixes: [],
    });
    expect(await list({ Prefix: 'l/', Delimiter: '/', MaxKeys })).toEqual({
      keys: ['l/a', 'l/c', 'l/ü', 'l/😀'],
      prefixes: ['l/b/', 'l/d/'],
    });
    expect(await list({ Prefix: 'l/', StartAfter: 'l/b/1', MaxKeys })).toEqual({
      keys: keys.slice(2, 7),
      prefixes: [],
    });
  });

  it('deletes many at once', async () => {
    await Promise.all(['del/1', 'del/<2>&'].map((key) => put(key, 'x')));
    const answer = await s3.send(
      new DeleteObjectsCommand({
        Bucket: 'plain',
        Delete: { Objects: [{ Key: 'del/1' }, { Key: 'del/<2>&' }] },
      }),
    );
    expect(answer.Deleted).toHaveLength(2);
    expect(await list({ Prefix: 'del/' })).toEqual({ keys: [], prefixes: [] });
  });
});

it('has its objects again after a restart, without what a crash left half written', async () => {
  await put('survivor', 'before');
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket: 'plain', Key: 'unfinished' }),
  );
  const part = { Bucket: 'plain', Key: 'unfinished', UploadId, PartNumber: 1 };
  await s3.send(new UploadPartCommand({ ...part, Body: 'first' }));
  const files = () => readdirSync(server.service.store.blobDirectory);
  const whole = files().length;
  await server.close();
  writeFileSync(join(directory.path, 'blobs', 'half-written'), 'x');
  server = await startS3(directory.path);
  s3 = server.client();
  expect(String(await read('survivor'))).toBe('before');
  const { Parts } = await s3.send(new ListPartsCommand({ Bucket: 'plain', Key: 'unfinished', UploadId }));
  expect(Parts).toHaveLength(1);
  expect(files()).toHaveLength(whole);
  expect(files()).not.toContain('half-written');
});
