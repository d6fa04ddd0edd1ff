import type { ByteRange } from '../domain/csv/ranges.ts';
import type { ByteSource } from '../domain/input/byte-reader.ts';

/** One version of an object. Without a version, `etag` guards against reading two halves of different files. */
export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string | null;
  readonly etag: string | null;
}

export interface ObjectInfo extends ObjectVersion {
  readonly etag: string;
  readonly bytes: number;
}

export type ObjectBody = Uint8Array | AsyncIterable<Uint8Array>;

export interface ObjectStore {
  /** The given version, or the newest when `versionId` is null; null when there is none. */
  head(key: string, versionId: string | null): Promise<ObjectInfo | null>;

  /**
   * The bytes of an object, read as they are asked for. Readers opened inside the window read ahead up to its end;
   * elsewhere they fetch little at a time, since a scan looks only one record past its range.
   */
  source(object: ObjectInfo, window: ByteRange): ByteSource;

  /**
   * The bytes of `[start, end)`, fewer where the object ends before.
   *
   * @throws Error when there is no such object
   */
  read(object: ObjectVersion, range: ByteRange): Promise<Uint8Array>;

  /** A whole small object; null when there is none. */
  get(key: string): Promise<Uint8Array | null>;

  /** The bytes of a whole object from its start, streamed. @throws Error when there is no such object */
  stream(object: ObjectVersion): AsyncIterable<Uint8Array>;

  /** Writes an object unless there is one of that key; never leaves half of one. */
  putIfAbsent(key: string, body: ObjectBody, contentType: string): Promise<'created' | 'exists'>;
}
