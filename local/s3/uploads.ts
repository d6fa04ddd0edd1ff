import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AwsError } from '../auth/errors.ts';
import type { WriteCondition } from './conditions.ts';
import type { ReceivedBody } from './receive.ts';
import { partSchema, type StoredPart, type StoredUpload, transaction, uploadSchema } from './schema.ts';
import type { NewObject, ObjectStore } from './store.ts';

/** Smallest part but the last. */
const MIN_PART_BYTES = 5 * 1024 ** 2;
const MAX_PARTS = 10_000;

export interface NamedPart {
  readonly number: number;
  readonly etag: string;
}

/** Multipart uploads of a store. */
export class Uploads {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  create(bucket: string, key: string, headers: Readonly<Record<string, string>>): string {
    const id = randomUUID();
    this.#store.database
      .prepare('INSERT INTO uploads (id, bucket, key, headers, created) VALUES (?, ?, ?, ?, ?)')
      .run(id, bucket, key, JSON.stringify(headers), Date.now());
    return id;
  }

  /** @throws AwsError 404 when there is no such upload of that key */
  find(id: string, bucket: string, key: string): StoredUpload {
    const row = this.#store.database
      .prepare('SELECT * FROM uploads WHERE id = ? AND bucket = ? AND key = ?')
      .get(id, bucket, key);
    if (row === undefined) throw noSuchUpload(id);
    return uploadSchema.parse(row);
  }

  parts(upload: StoredUpload): StoredPart[] {
    const rows = this.#store.database
      .prepare('SELECT * FROM parts WHERE upload = ? ORDER BY number')
      .all(upload.id);
    return z.array(partSchema).parse(rows);
  }

  /** Keeps a part, in place of one of the same number. @throws AwsError 404 when the upload ended meanwhile */
  keepPart(upload: StoredUpload, number: number, { blob, size, md5 }: ReceivedBody): void {
    const { database } = this.#store;
    const replaced = transaction(database, () => {
      this.find(upload.id, upload.bucket, upload.key);
      const before = this.parts(upload).filter((part) => part.number === number);
      database
        .prepare(
          'INSERT OR REPLACE INTO parts (upload, number, blob, size, md5, modified) VALUES (?, ?, ?, ?, ?, ?)',
        )
        .run(upload.id, number, blob, size, md5, Date.now());
      return before;
    });
    this.#store.removeBlobs(replaced.map((part) => ({ file: part.blob, size: part.size })));
  }

  /**
   * Makes the named parts an object.
   *
   * @returns its ETag: the MD5 of the parts' MD5s, and their number
   * @throws AwsError 400 when a part is missing, out of order or too small; 412 when the condition fails
   */
  complete(
    upload: StoredUpload,
    named: readonly NamedPart[],
    condition: WriteCondition,
    origin: Pick<NewObject, 'requestId' | 'requester'>,
  ): ReturnType<ObjectStore['put']> {
    const chosen = choose(named, this.parts(upload));
    const digest = createHash('md5');
    for (const part of chosen) digest.update(part.md5, 'hex');
    const stored = this.#store.put(
      {
        ...origin,
        bucket: upload.bucket,
        key: upload.key,
        blobs: chosen.map(({ blob, size }) => ({ file: blob, size })),
        etag: `${digest.digest('hex')}-${chosen.length}`,
        headers: upload.headers,
        reason: 'CompleteMultipartUpload',
      },
      condition,
      () => this.#drop(upload, new Set(chosen.map((part) => part.blob))),
    );
    return stored;
  }

  abort(upload: StoredUpload): void {
    this.#drop(upload, new Set());
  }

  #drop(upload: StoredUpload, kept: ReadonlySet<string>): void {
    const unused = this.parts(upload).filter((part) => !kept.has(part.blob));
    this.#store.database.prepare('DELETE FROM parts WHERE upload = ?').run(upload.id);
    this.#store.database.prepare('DELETE FROM uploads WHERE id = ?').run(upload.id);
    this.#store.removeBlobs(unused.map(({ blob, size }) => ({ file: blob, size })));
  }
}

function choose(named: readonly NamedPart[], parts: readonly StoredPart[]): StoredPart[] {
  if (named.length === 0) throw new AwsError(400, 'MalformedXML', 'You must specify at least one part');
  if (named.some(({ number }, position) => number <= (named[position - 1]?.number ?? 0))) {
    throw new AwsError(400, 'InvalidPartOrder', 'The list of parts was not in ascending order.');
  }
  return named.map(({ number, etag }, position) => {
    const part = parts.find((candidate) => candidate.number === number && candidate.md5 === etag);
    if (part === undefined) {
      throw new AwsError(400, 'InvalidPart', `Part ${number} could not be found, or its ETag is another.`);
    }
    if (part.size < MIN_PART_BYTES && position < named.length - 1) {
      throw new AwsError(
        400,
        'EntityTooSmall',
        'Your proposed upload is smaller than the minimum allowed size',
        {
          PartNumber: String(number),
        },
      );
    }
    return part;
  });
}

/** @throws AwsError 400 when it is not a part number */
export function partNumber(text: string | null): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= MAX_PARTS) return number;
  throw new AwsError(
    400,
    'InvalidArgument',
    `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`,
  );
}

function noSuchUpload(id: string): AwsError {
  return new AwsError(404, 'NoSuchUpload', 'The specified upload does not exist.', { UploadId: id });
}
