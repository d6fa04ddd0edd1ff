import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Clock } from '../ports/clock.ts';
import type { DownloadLinks } from '../ports/download-links.ts';

/** Long enough to begin a download; one that has begun goes on. */
const LINK_SECONDS = 300;

/** Presigned links to objects of a bucket, made here without a call. */
export function createS3DownloadLinks(client: S3Client, bucket: string, clock: Clock): DownloadLinks {
  return {
    async to(key, fileName) {
      const expiresAt = new Date(clock.now() + LINK_SECONDS * 1000).toISOString();
      const ResponseContentDisposition = `attachment; filename="${fileName}"`;
      const command = new GetObjectCommand({ Bucket: bucket, Key: key, ResponseContentDisposition });
      return { url: await getSignedUrl(client, command, { expiresIn: LINK_SECONDS }), expiresAt };
    },
  };
}
