import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ObjectRemover, StoredVersion } from '../ports/object-remover.ts';

interface NamedVersion extends StoredVersion {
  readonly versionId: string;
}

/** Removes objects of one bucket: a page of versions, which is what one request may delete, at a time. */
export function createS3ObjectRemover(client: S3Client, bucket: string): ObjectRemover {
  async function deleteAll(versions: readonly NamedVersion[]): Promise<void> {
    const Objects = versions.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
    );
    const [first] = Errors;
    if (first === undefined) return;
    throw new Error(`${Errors.length} objects were not deleted: ${first.Key} (${first.Code}).`);
  }

  function list(
    prefix: string,
    after?: ListObjectVersionsCommandOutput,
  ): Promise<ListObjectVersionsCommandOutput> {
    return client.send(
      new ListObjectVersionsCommand({
        Bucket: bucket,
        Prefix: prefix,
        KeyMarker: after?.NextKeyMarker,
        VersionIdMarker: after?.NextVersionIdMarker,
      }),
    );
  }

  return {
    async remove(prefix, isGone) {
      let page: ListObjectVersionsCommandOutput | undefined;
      do {
        page = await list(prefix, page);
        const gone = versionsOf(page).filter(isGone);
        if (gone.length > 0) await deleteAll(gone);
      } while (page.IsTruncated === true);
    },
    async removeSome(prefix) {
      const versions = versionsOf(await list(prefix));
      if (versions.length > 0) await deleteAll(versions);
      return versions.length;
    },
  };
}

function versionsOf({ Versions = [], DeleteMarkers = [] }: ListObjectVersionsCommandOutput): NamedVersion[] {
  return [...Versions, ...DeleteMarkers].map(({ Key, VersionId, LastModified }) => {
    if (Key === undefined || VersionId === undefined || LastModified === undefined)
      throw new Error('S3 listed a version without its key, id or time.');
    return { key: Key, versionId: VersionId, modifiedAt: LastModified.getTime() };
  });
}
