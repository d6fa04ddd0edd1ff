import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { createS3ObjectRemover } from '../../lambdas/adapters/s3-object-remover.ts';
import { AwsError } from '../../local/auth/errors.ts';
import { startDataBucket } from './data-bucket.ts';

const bucket = await startDataBucket();
const remover = createS3ObjectRemover(bucket.client, bucket.name);
const put = (Key: string) =>
  bucket.client.send(new PutObjectCommand({ Bucket: bucket.name, Key, Body: 'content' }));

async function left(prefix: string): Promise<string[]> {
  const { Versions = [], DeleteMarkers = [] } = await bucket.client.send(
    new ListObjectVersionsCommand({ Bucket: bucket.name, Prefix: prefix }),
  );
  return [...Versions, ...DeleteMarkers].map(({ Key }) => Key ?? '').toSorted();
}

describe('objects are removed', () => {
  it('with all versions and deletion marks, and nothing beside them', async () => {
    for (const key of ['a/1', 'a/1', 'a/2', 'ab', 'b/1']) await put(key);
    await bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.name, Key: 'a/2' }));
    expect(await left('a/')).toEqual(['a/1', 'a/1', 'a/2', 'a/2']);
    await remover.remove('a/', () => true);
    expect(await left('')).toEqual(['ab', 'b/1']);
    await remover.remove('a/', () => true);
    await remover.remove('', () => true);
    expect(await left('')).toEqual([]);
  });

  it('if they are meant: by key, or by when they were written', async () => {
    const before = Date.now() - 5000;
    for (const key of ['c/1', 'c/2']) await put(key);
    await remover.remove('c/', ({ modifiedAt }) => modifiedAt < before);
    await remover.remove('c/', ({ key, modifiedAt }) => key === 'c/2' && modifiedAt >= before);
    expect(await left('c/')).toEqual(['c/1']);
  });

  it('page by page', async () => {
    await Promise.all(Array.from({ length: 1005 }, (_, index) => put(`d/${index}`)));
    await remover.remove('d/', ({ key }) => key !== 'd/7');
    expect(await left('d/')).toEqual(['d/7']);
  });

  it('some at a time, until none is left below a prefix', async () => {
    await Promise.all(Array.from({ length: 1003 }, (_, index) => put(`e/${index}`)));
    await put('e-2/1');
    const removed = [await remover.removeSome('e/')];
    while (removed.at(-1) !== 0) removed.push(await remover.removeSome('e/'));
    expect(removed).toEqual([1000, 3, 0]);
    expect(await left('e')).toEqual(['e-2/1']);
  });

  it('or it is said that they were not', async () => {
    await put('e/1');
    const answer = { Errors: [{ Key: 'e/1', Code: 'InternalError' }], $metadata: {} };
    const client = Object.create(bucket.client, {
      send: {
        value: (command: unknown) =>
          command instanceof DeleteObjectsCommand
            ? Promise.resolve(answer)
            : bucket.client.send(command as ListObjectVersionsCommand),
      },
    });
    await expect(createS3ObjectRemover(client, bucket.name).remove('e/', () => true)).rejects.toThrow(
      '1 objects were not deleted: e/1 (InternalError).',
    );
    bucket.before.hook = ({ method }) => {
      if (method === 'POST') throw new AwsError(403, 'AccessDenied', 'no');
    };
    await expect(remover.remove('e/', () => true)).rejects.toThrow();
    bucket.before.hook = null;
    expect(await left('e/')).toEqual(['e/1']);
  });
});
