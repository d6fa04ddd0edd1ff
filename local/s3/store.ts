import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { AwsError } from '../auth/errors.ts';
import { checkCondition, type WriteCondition } from './conditions.ts';
import {
  type Blobs,
  blobsSchema,
  createSchema,
  type StoredVersion,
  transaction,
  versionSchema,
} from './schema.ts';

export interface BucketSettings {
  readonly versioned: boolean;
  /** Whether created objects are announced to EventBridge. */
  readonly announces: boolean;
}

export interface NewObject {
  readonly bucket: string;
  readonly key: string;
  readonly blobs: Blobs;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly reason: 'PutObject' | 'CompleteMultipartUpload';
  readonly requestId: string;
  readonly requester: string;
}

const announcementSchema = z.object({ id: z.number(), detail: z.string() });
export type Announcement = z.infer<typeof announcementSchema>;

/**
 * Objects in a directory: bodies as files under `blobs/`, everything else in `objects.sqlite`. A write and the
 * announcement of it are one transaction, so that neither survives a crash without the other.
 */
export class ObjectStore {
  readonly database: DatabaseSync;
  readonly blobDirectory: string;
  readonly #buckets = new Map<string, BucketSettings>();
  /** Called when there are announcements to take. */
  onAnnouncement: () => void = () => undefined;

  constructor(directory: string) {
    this.blobDirectory = join(directory, 'blobs');
    mkdirSync(this.blobDirectory, { recursive: true });
    this.database = new DatabaseSync(join(directory, 'objects.sqlite'));
    createSchema(this.database);
    this.#removeUnfinished();
  }

  close(): void {
    this.database.close();
  }

  addBucket(name: string, settings: BucketSettings): void {
    this.#buckets.set(name, settings);
  }

  bucketNames(): string[] {
    return [...this.#buckets.keys()].sort();
  }

  /** @throws AwsError 404 when there is no such bucket */
  bucket(name: string): BucketSettings {
    const settings = this.#buckets.get(name);
    if (settings === undefined) {
      throw new AwsError(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: name });
    }
    return settings;
  }

  /** The current version, or the one named; a delete marker when that is what it is. */
  find(bucket: string, key: string, version?: string): StoredVersion | undefined {
    const row =
      version === undefined
        ? this.database
            .prepare('SELECT * FROM versions WHERE bucket = ? AND key = ? AND current = 1')
            .get(bucket, key)
        : this.database
            .prepare('SELECT * FROM versions WHERE bucket = ? AND key = ? AND version = ?')
            .get(bucket, key, version);
    return row === undefined ? undefined : versionSchema.parse(row);
  }

  /**
   * Makes an object the current version of its key, when the condition holds at that moment.
   *
   * @throws AwsError 412 or 404 when it does not; the caller then removes the blobs
   */
  put(object: NewObject, condition: WriteCondition, settle: () => void = () => undefined): StoredVersion {
    const { versioned, announces } = this.bucket(object.bucket);
    const { stored, replaced } = transaction(this.database, () => {
      const before = this.find(object.bucket, object.key);
      checkCondition(before?.marker === true ? undefined : before, condition, object.key);
      const replaced = this.#retire(before, versioned);
      const stored = this.#insert(object, versioned ? newVersionId() : 'null', false);
      if (announces) this.#announce(object, stored, versioned);
      settle();
      return { stored, replaced };
    });
    this.removeBlobs(replaced);
    if (announces) this.onAnnouncement();
    return stored;
  }

  /** Deletes a version for good, or the current object: with a marker where the bucket keeps versions. */
  delete(bucket: string, key: string, version?: string): { marker: boolean; version: string | undefined } {
    const { versioned } = this.bucket(bucket);
    const gone: Blobs[] = [];
    const result = transaction(this.database, () => {
      const found = this.find(bucket, key, version);
      if (version === undefined && versioned) {
        this.#retire(found, true);
        const blank = { bucket, key, blobs: [], etag: '', headers: {} };
        return { marker: true, version: this.#insert(blank, newVersionId(), true).version };
      }
      if (found === undefined) return { marker: false, version };
      gone.push(found.blobs);
      this.database.prepare('DELETE FROM versions WHERE sequence = ?').run(found.sequence);
      this.database
        .prepare(
          'UPDATE versions SET current = 1 WHERE sequence = (SELECT max(sequence) FROM versions WHERE bucket = ? AND key = ?)',
        )
        .run(bucket, key);
      return { marker: found.marker, version };
    });
    this.removeBlobs(gone.flat());
    return result;
  }

  /** Announcements not yet taken, oldest first. */
  announcements(): Announcement[] {
    return z
      .array(announcementSchema)
      .parse(this.database.prepare('SELECT * FROM events ORDER BY id LIMIT 100').all());
  }

  forget(announcement: Announcement): void {
    this.database.prepare('DELETE FROM events WHERE id = ?').run(announcement.id);
  }

  removeBlobs(blobs: Blobs): void {
    // Whoever is reading one keeps it until the file is closed. A leftover file costs space and nothing else.
    for (const { file } of blobs) void rm(join(this.blobDirectory, file), { force: true });
  }

  /** Files of uploads that a crash cut off: no version and no part names them. */
  #removeUnfinished(): void {
    const named = new Set<string>();
    for (const { blobs } of this.database.prepare('SELECT blobs FROM versions').all()) {
      for (const { file } of blobsSchema.parse(JSON.parse(String(blobs)))) named.add(file);
    }
    for (const { blob } of this.database.prepare('SELECT blob FROM parts').all()) named.add(String(blob));
    for (const file of readdirSync(this.blobDirectory)) {
      if (!named.has(file)) rmSync(join(this.blobDirectory, file));
    }
  }

  #retire(before: StoredVersion | undefined, versioned: boolean): Blobs {
    if (before === undefined) return [];
    if (versioned) {
      this.database.prepare('UPDATE versions SET current = 0 WHERE sequence = ?').run(before.sequence);
      return [];
    }
    this.database.prepare('DELETE FROM versions WHERE sequence = ?').run(before.sequence);
    return before.blobs;
  }

  #insert(
    object: Pick<NewObject, 'bucket' | 'key' | 'blobs' | 'etag' | 'headers'>,
    version: string,
    marker: boolean,
  ): StoredVersion {
    const row = this.database
      .prepare(
        `INSERT INTO versions (bucket, key, version, current, marker, blobs, size, etag, modified, headers)
         VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?) RETURNING *`,
      )
      .get(
        object.bucket,
        object.key,
        version,
        marker ? 1 : 0,
        JSON.stringify(object.blobs),
        object.blobs.reduce((sum, { size }) => sum + size, 0),
        object.etag,
        Date.now(),
        JSON.stringify(object.headers),
      );
    return versionSchema.parse(row);
  }

  #announce(object: NewObject, stored: StoredVersion, versioned: boolean): void {
    const detail = {
      version: '0',
      bucket: { name: object.bucket },
      object: {
        key: object.key,
        size: stored.size,
        etag: object.etag,
        ...(versioned ? { 'version-id': stored.version } : {}),
        sequencer: stored.sequence.toString(16).toUpperCase().padStart(18, '0'),
      },
      'request-id': object.requestId,
      requester: object.requester,
      'source-ip-address': '127.0.0.1',
      reason: object.reason,
    };
    this.database.prepare('INSERT INTO events (detail) VALUES (?)').run(JSON.stringify(detail));
  }
}

function newVersionId(): string {
  return randomBytes(24).toString('base64url');
}
