import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { BLOCK_BYTES } from '../../lambdas/adapters/block-source.ts';
import { createS3ObjectStore } from '../../lambdas/adapters/s3-object-store.ts';
import { FIRST_BLOCK_BYTES } from '../../lambdas/adapters/s3-stream.ts';
import { readFully } from '../../lambdas/domain/input/byte-reader.ts';
import { AwsError } from '../../local/auth/errors.ts';
import { startDataBucket } from './data-bucket.ts';

const MIB = 1 << 20;
const bucket = await startDataBucket();
const store = createS3ObjectStore(bucket.client, bucket.name);

/** Bytes of which no two stretches are alike. */
function pattern(length: number): Uint8Array {
  const words = Uint32Array.from({ length: Math.ceil(length / 4) }, (_, word) => Math.imul(word, 2654435761));
  return new Uint8Array(words.buffer).subarray(0, length);
}

async function put(key: string, bytes: Uint8Array): Promise<string | undefined> {
  const command = new PutObjectCommand({ Bucket: bucket.name, Key: key, Body: bytes });
  return (await bucket.client.send(command)).VersionId;
}

async function* chunksOf(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** Sizes of the ranges asked of an object. Blocks that an earlier test read ahead may still be arriving for another. */
function sizes(key: string): number[] {
  const requests = bucket.requests.filter((request) => request.startsWith(`GET ${key} `));
  return requests.map((request) => {
    const [, first = 0, last = -1] = request.match(/bytes=(\d+)-(\d+)$/) ?? [];
    return Number(last) - Number(first) + 1;
  });
}

beforeEach(() => {
  bucket.requests.length = 0;
  bucket.before.hook = null;
});

describe('head', () => {
  it('describes the newest version, or the one it is asked for', async () => {
    const first = await put('head', pattern(3));
    const second = await put('head', pattern(5));
    expect(await store.head('head', null)).toMatchObject({ key: 'head', versionId: second, bytes: 5 });
    const old = await store.head('head', first ?? null);
    expect(old).toMatchObject({ versionId: first, bytes: 3 });
    expect(old?.etag).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is null where there is nothing', async () => {
    expect(await store.head('nothing', null)).toBeNull();
  });
});

describe('read', () => {
  const bytes = pattern(1000);
  const object = { key: 'read', versionId: null, etag: null };

  it.each([
    { what: 'the bytes of a range', range: { start: 10, end: 20 } },
    { what: 'what there is of a range past the end', range: { start: 990, end: 2000 } },
    { what: 'nothing behind the end', range: { start: 1000, end: 2000 } },
    { what: 'nothing of an empty range', range: { start: 10, end: 10 } },
  ])('gives $what', async ({ range }) => {
    await put('read', bytes);
    expect(Buffer.from(await store.read(object, range))).toEqual(
      Buffer.from(bytes.slice(range.start, range.end)),
    );
  });

  it('gives the version it is asked for, whatever was put since', async () => {
    const versionId = (await put('pinned', bytes)) ?? null;
    await put('pinned', pattern(7));
    const old = await store.read({ key: 'pinned', versionId, etag: null }, { start: 0, end: 4 });
    expect(Buffer.from(old)).toEqual(Buffer.from(bytes.slice(0, 4)));
  });

  it('refuses another object than the one whose entity tag it is given', async () => {
    await put('tagged', bytes);
    const info = await store.head('tagged', null);
    expect(
      await store.read({ key: 'tagged', versionId: null, etag: info!.etag }, { start: 0, end: 1 }),
    ).toHaveLength(1);
    await put('tagged', pattern(5));
    const replaced = { key: 'tagged', versionId: null, etag: info!.etag };
    await expect(store.read(replaced, { start: 0, end: 1 })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
  });

  it('fails where there is nothing', async () => {
    await expect(store.read({ ...object, key: 'nothing' }, { start: 0, end: 1 })).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
  });
});

describe('get', () => {
  it('gives a whole object, an empty one too, and null for none', async () => {
    await put('whole', pattern(100));
    await put('empty', new Uint8Array(0));
    expect(Buffer.from((await store.get('whole'))!)).toEqual(Buffer.from(pattern(100)));
    expect(await store.get('empty')).toHaveLength(0);
    expect(await store.get('nothing')).toBeNull();
  });
});

describe('a source', () => {
  const bytes = pattern(4 * BLOCK_BYTES + 3 * MIB);
  const window = { start: BLOCK_BYTES, end: 4 * BLOCK_BYTES };

  /** The object that `open` made: a new one for each test, since blocks may be read ahead when a test is over. */
  let key = '';
  let opened = 0;

  async function open() {
    key = `source-${++opened}`;
    await put(key, bytes);
    const info = await store.head(key, null);
    bucket.requests.length = 0;
    return store.source(info!, window);
  }

  it('gives the bytes from any offset to the end of the object', async () => {
    const source = await open();
    expect(source.size).toBe(bytes.length);
    for (const offset of [0, window.start - 1, window.start, window.end - 10, window.end, bytes.length - 5]) {
      const wanted = Math.min(bytes.length - offset, 2 * MIB + 1);
      const found = await readFully(source.open(offset), new Uint8Array(0), wanted);
      expect(Buffer.compare(found, bytes.subarray(offset, offset + wanted))).toBe(0);
    }
    expect(await source.open(bytes.length).read(new Uint8Array(1))).toBe(0);
  });

  it('reads its window once, in requests of 8 to 16 MiB, although the scan looks at its start first', async () => {
    const source = await open();
    await readFully(source.open(window.start - 1), new Uint8Array(0), 1 << 16);
    await readFully(source.open(window.start + 100), new Uint8Array(0), window.end - window.start - 100);
    expect(sizes(key).every((size) => size >= 8 * MIB && size < 16 * MIB)).toBe(true);
    expect(sizes(key).reduce((sum, size) => sum + size)).toBe(window.end + (1 << 16) - (window.start - 1));
  });

  it('reads little behind its window, where the last record ends', async () => {
    const source = await open();
    await readFully(source.open(window.end - 1), new Uint8Array(0), 1 << 14);
    expect(sizes(key)).toHaveLength(1);
    await readFully(source.open(window.end + (1 << 16)), new Uint8Array(0), 100);
    expect(sizes(key).at(-1)).toBe(1 << 16);
  });

  it('asks again when the connection breaks in the middle of a body', async () => {
    const source = await open();
    let broken = 0;
    bucket.before.hook = ({ incoming }) => {
      if (broken++ < 2) setTimeout(() => incoming.socket.destroy(), 5);
    };
    const found = await readFully(source.open(window.start), new Uint8Array(0), 20 * MIB);
    expect(broken).toBeGreaterThan(2);
    expect(Buffer.compare(found, bytes.subarray(window.start, window.start + 20 * MIB))).toBe(0);
  });

  it('fails, and works again, when the object could not be read', async () => {
    const source = await open();
    bucket.before.hook = () => {
      throw new AwsError(503, 'SlowDown', 'Reduce your request rate.');
    };
    await expect(source.open(window.start).read(new Uint8Array(1))).rejects.toThrow(
      'Reduce your request rate',
    );
    bucket.before.hook = null;
    const found = await readFully(source.open(window.start), new Uint8Array(0), 100);
    expect(Buffer.compare(found, bytes.subarray(window.start, window.start + 100))).toBe(0);
  }, 20_000);
});

describe('a stream', () => {
  it.each([0, 1, FIRST_BLOCK_BYTES, FIRST_BLOCK_BYTES + 1, 20 * MIB])(
    'gives all of %i bytes',
    async (length) => {
      await put('stream', pattern(length));
      const found = await collect(store.stream({ key: 'stream', versionId: null, etag: null }));
      expect(Buffer.compare(found, pattern(length))).toBe(0);
    },
  );

  it('begins small and shares its memory with the others that are open', async () => {
    const key = 'shared';
    await put(key, pattern(20 * MIB));
    bucket.requests.length = 0;
    const streams = Array.from({ length: 16 }, () => store.stream({ key, versionId: null, etag: null }));
    const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
    for (let round = 0; round < 3; round++) await Promise.all(iterators.map((iterator) => iterator.next()));
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
    expect(Math.max(...sizes(key))).toBeLessThanOrEqual(2 * MIB);
    bucket.requests.length = 0;
    await collect(store.stream({ key, versionId: null, etag: null }));
    expect(Math.max(...sizes(key))).toBe(8 * MIB);
  });

  it('fails where there is nothing', async () => {
    await expect(
      collect(store.stream({ key: 'nothing', versionId: null, etag: null })),
    ).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
  });
});

describe('putIfAbsent', () => {
  it.each([
    { what: 'bytes', body: () => pattern(100) },
    { what: 'a short stream', body: () => chunksOf(pattern(100), 7) },
    { what: 'an empty stream', body: () => chunksOf(pattern(0), 1) },
    { what: 'a stream of one part', body: () => chunksOf(pattern(8 * MIB), MIB) },
    { what: 'a stream of several parts', body: () => chunksOf(pattern(20 * MIB + 3), 3 * MIB) },
  ])('writes $what once', async ({ what, body }) => {
    const key = `put/${what}`;
    const expected =
      body() instanceof Uint8Array ? pattern(100) : await collect(chunksOf(await collectBody(body()), MIB));
    expect(await store.putIfAbsent(key, body(), 'text/csv')).toBe('created');
    expect(await store.putIfAbsent(key, body(), 'text/csv')).toBe('exists');
    expect(Buffer.compare((await store.get(key))!, expected)).toBe(0);
  });

  async function collectBody(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
    return body instanceof Uint8Array ? body : collect(body);
  }

  it('lets one of several writers win', async () => {
    const bodies = [1, 2, 3].map((length) => pattern(length));
    const outcomes = await Promise.all(bodies.map((body) => store.putIfAbsent('race', body, 'text/plain')));
    expect(outcomes.toSorted()).toEqual(['created', 'exists', 'exists']);
    expect(await store.get('race')).toHaveLength(outcomes.indexOf('created') + 1);
  });

  it('leaves nothing of a stream that fails half way', async () => {
    async function* failing() {
      yield pattern(9 * MIB);
      yield pattern(9 * MIB);
      throw new Error('source is gone');
    }
    await expect(store.putIfAbsent('half', failing(), 'text/plain')).rejects.toThrow('source is gone');
    expect(await store.head('half', null)).toBeNull();
    expect(bucket.requests.filter((request) => request.startsWith('DELETE half'))).toHaveLength(1);
  });
});
