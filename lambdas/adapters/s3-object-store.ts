import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { ByteRange } from '../domain/csv/ranges.ts';
import type { ObjectInfo, ObjectStore, ObjectVersion } from '../ports/object-store.ts';
import { blockSource } from './block-source.ts';
import { createStream, type Fetched } from './s3-stream.ts';
import { createWriter } from './s3-writer.ts';

/** Tries for a body that breaks off; the client itself only tries requests again that got no answer. */
const BODY_TRIES = 3;

/** Objects in one bucket of S3. @param streamBudgetBytes what streams together may hold */
export function createS3ObjectStore(
  client: S3Client,
  bucket: string,
  streamBudgetBytes?: number,
): ObjectStore {
  async function request(object: ObjectVersion, range: ByteRange | null): Promise<GetObjectCommandOutput> {
    return client.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: object.key,
        ...(object.versionId !== null && { VersionId: object.versionId }),
        // Without a version only the entity tag tells that the object was replaced between two requests.
        ...(object.etag !== null && { IfMatch: `"${object.etag}"` }),
        ...(range !== null && { Range: `bytes=${range.start}-${range.end - 1}` }),
      }),
    );
  }

  async function fetch(object: ObjectVersion, range: ByteRange | null): Promise<Fetched> {
    for (let tries = 1; ; tries++) {
      const response = await request(object, range);
      try {
        return await receive(response);
      } catch (error) {
        if (tries === BODY_TRIES) throw error;
      }
    }
  }

  async function read(object: ObjectVersion, range: ByteRange): Promise<Fetched> {
    try {
      return await fetch(object, range);
    } catch (error) {
      // The range starts behind the end.
      if (isStatus(error, 416)) return { bytes: new Uint8Array(0), total: 0 };
      throw error;
    }
  }

  function exactly(object: ObjectVersion): (start: number, end: number) => Promise<Uint8Array> {
    return async (start, end) => {
      const { bytes } = await fetch(object, { start, end });
      if (bytes.length === end - start) return bytes;
      throw new Error(`${object.key} ends at ${start + bytes.length}, not at ${end} or later as announced.`);
    };
  }

  return {
    head: (key, versionId) => head(client, bucket, key, versionId),
    source: (object, window) => blockSource(object.bytes, window, exactly(object)),
    read: async (object, range) =>
      range.end > range.start ? (await read(object, range)).bytes : new Uint8Array(0),
    stream: createStream((object, range) => read(object, range), streamBudgetBytes),
    get: async (key) => {
      try {
        return (await fetch({ key, versionId: null, etag: null }, null)).bytes;
      } catch (error) {
        if (isStatus(error, 404)) return null;
        throw error;
      }
    },
    putIfAbsent: createWriter(client, bucket),
  };
}

async function receive({ Body, ContentLength, ContentRange }: GetObjectCommandOutput): Promise<Fetched> {
  if (!(Body instanceof Readable) || ContentLength === undefined) {
    throw new Error('S3 answered without a body or its length.');
  }
  const bytes = Buffer.allocUnsafeSlow(ContentLength);
  let filled = 0;
  for await (const chunk of Body) {
    const part: Uint8Array = chunk;
    if (filled + part.length > ContentLength) throw new Error(`S3 sent more than ${ContentLength} bytes.`);
    bytes.set(part, filled);
    filled += part.length;
  }
  if (filled < ContentLength) throw new Error(`S3 sent ${filled} of ${ContentLength} bytes.`);
  const total = /\/(\d+)$/.exec(ContentRange ?? '')?.[1];
  return { bytes, total: total === undefined ? ContentLength : Number(total) };
}

async function head(
  client: S3Client,
  bucket: string,
  key: string,
  versionId: string | null,
): Promise<ObjectInfo | null> {
  try {
    const answer = await client.send(
      new HeadObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(versionId !== null && { VersionId: versionId }),
      }),
    );
    if (answer.ETag === undefined || answer.ContentLength === undefined) {
      throw new Error(`S3 described ${key} without its entity tag or length.`);
    }
    return {
      key,
      versionId: answer.VersionId ?? null,
      etag: answer.ETag.replaceAll('"', ''),
      bytes: answer.ContentLength,
    };
  } catch (error) {
    if (isStatus(error, 404)) return null;
    throw error;
  }
}

function isStatus(error: unknown, status: number): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === status;
}
