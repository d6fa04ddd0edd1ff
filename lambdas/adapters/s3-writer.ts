import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { ObjectBody, ObjectStore } from '../ports/object-store.ts';

/** S3 takes parts of 5 MiB or more, and 10,000 of them. */
const PART_BYTES = 1 << 23;
/** Tries while another writer of the same key is at work. */
const CONFLICT_TRIES = 5;
const CONFLICT_PAUSE_MS = 200;

interface Target {
  readonly Bucket: string;
  readonly Key: string;
}

/** Writes objects that are not there yet; what fits into one part goes in one request. */
export function createWriter(client: S3Client, bucket: string): ObjectStore['putIfAbsent'] {
  return async (key, body, contentType) => {
    const target = { Bucket: bucket, Key: key };
    const parts = partsOf(body);
    const first = await parts.next();
    const second = await parts.next();
    const only = first.value ?? new Uint8Array(0);
    if (second.done) {
      return unlessPresent(() =>
        client.send(
          new PutObjectCommand({ ...target, Body: only, ContentType: contentType, IfNoneMatch: '*' }),
        ),
      );
    }
    return writeInParts(client, target, contentType, rejoin([only, second.value], parts));
  };
}

async function writeInParts(
  client: S3Client,
  target: Target,
  ContentType: string,
  parts: AsyncIterable<Uint8Array>,
): Promise<'created' | 'exists'> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ContentType }));
  try {
    const Parts: CompletedPart[] = [];
    for await (const Body of parts) {
      const PartNumber = Parts.length + 1;
      const { ETag } = await client.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body }));
      Parts.push({ PartNumber, ETag });
    }
    const complete = { ...target, UploadId, MultipartUpload: { Parts }, IfNoneMatch: '*' };
    const outcome = await unlessPresent(() => client.send(new CompleteMultipartUploadCommand(complete)));
    if (outcome === 'exists') await abandon(client, target, UploadId);
    return outcome;
  } catch (error) {
    await abandon(client, target, UploadId).catch(() => {
      // The first failure is the one to tell; S3 drops unfinished uploads by itself after a day.
    });
    throw error;
  }
}

async function abandon(client: S3Client, target: Target, UploadId: string | undefined): Promise<void> {
  await client.send(new AbortMultipartUploadCommand({ ...target, UploadId }));
}

/** Runs a write on the condition that the key is free; waits for another writer that is not done yet. */
async function unlessPresent(write: () => Promise<unknown>): Promise<'created' | 'exists'> {
  for (let tries = 1; ; tries++) {
    try {
      await write();
      return 'created';
    } catch (error) {
      const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
      if (status === 412) return 'exists';
      if (status !== 409 || tries === CONFLICT_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, CONFLICT_PAUSE_MS * tries));
    }
  }
}

/**
 * Cuts a body into parts: at least one, all but the last of exactly `PART_BYTES`. A part is overwritten by the one after
 * the next, for new buffers would pile up faster than they are collected.
 */
async function* partsOf(body: ObjectBody): AsyncGenerator<Uint8Array, undefined> {
  if (body instanceof Uint8Array) {
    yield body;
    return;
  }
  let part = new Uint8Array(PART_BYTES);
  let other: typeof part | null = null;
  let filled = 0;
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; ) {
      if (filled === PART_BYTES) {
        yield part;
        [part, other] = [other ?? new Uint8Array(PART_BYTES), part];
        filled = 0;
      }
      const count = Math.min(chunk.length - at, PART_BYTES - filled);
      part.set(chunk.subarray(at, at + count), filled);
      filled += count;
      at += count;
    }
  }
  yield part.subarray(0, filled);
}

async function* rejoin(
  first: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* first;
  yield* rest;
}
