import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  NoSuchUpload,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Clock } from '../ports/clock.ts';
import type { MultipartRef, SignedRequest, UploadedPart, UploadStore } from '../ports/upload-store.ts';

/** As long as a slow line needs for one part; a client asks for new ones when they have expired. */
const SIGNED_SECONDS = 3600;
const CHECKSUM = 'x-amz-checksum-sha256';

type SigningOptions = NonNullable<Parameters<typeof getSignedUrl>[2]>;

/**
 * Uploads into a bucket, over requests that are signed here without a call.
 *
 * @param client one that adds no checksums of its own: their values would be signed, of bytes that nobody has yet
 */
export function createS3UploadStore(client: S3Client, bucket: string, clock: Clock): UploadStore {
  const place = ({ key, uploadId }: MultipartRef) => ({ Bucket: bucket, Key: key, UploadId: uploadId });

  /** What has to be sent with a request is signed and named; nothing of it is moved into the address. */
  async function sign(
    headers: Readonly<Record<string, string>>,
    signed: (options: SigningOptions) => Promise<string>,
  ): Promise<SignedRequest> {
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    const expiresAt = new Date(clock.now() + SIGNED_SECONDS * 1000).toISOString();
    const url = await signed({
      expiresIn: SIGNED_SECONDS,
      signableHeaders: new Set(['host', ...names]),
      unhoistableHeaders: new Set(names),
    });
    return { url, headers, expiresAt };
  }

  return {
    signPut(key, { bytes, contentType, sha256 }) {
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        ContentLength: bytes,
        ContentType: contentType,
        ...(sha256 !== null && { ChecksumSHA256: sha256 }),
      });
      const headers = {
        'Content-Length': String(bytes),
        'Content-Type': contentType,
        ...(sha256 !== null && { [CHECKSUM]: sha256 }),
      };
      return sign(headers, (options) => getSignedUrl(client, command, options));
    },
    async begin(key, contentType) {
      const command = new CreateMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        ContentType: contentType,
      });
      const { UploadId } = await client.send(command);
      if (UploadId === undefined) throw new Error('S3 began an upload without an id.');
      return UploadId;
    },
    signPart(upload, PartNumber, bytes) {
      const command = new UploadPartCommand({ ...place(upload), PartNumber, ContentLength: bytes });
      const headers = { 'Content-Length': String(bytes) };
      return sign(headers, (options) => getSignedUrl(client, command, options));
    },
    async listParts(upload) {
      const parts: UploadedPart[] = [];
      let marker: string | undefined;
      do {
        const page = await orNull(
          client.send(new ListPartsCommand({ ...place(upload), PartNumberMarker: marker })),
        );
        if (page === null) return null;
        for (const { PartNumber = 0, ETag = '', Size = 0 } of page.Parts ?? [])
          parts.push({ partNumber: PartNumber, etag: ETag, bytes: Size });
        marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
      } while (marker !== undefined);
      return parts;
    },
    async complete(upload, parts) {
      const Parts = parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag }));
      await client.send(new CompleteMultipartUploadCommand({ ...place(upload), MultipartUpload: { Parts } }));
    },
    async abort(upload) {
      await orNull(client.send(new AbortMultipartUploadCommand(place(upload))));
    },
  };
}

/** What S3 answers, or null when there is no such upload. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NoSuchUpload) return null;
    throw error;
  }
}
