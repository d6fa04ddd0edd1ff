import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll } from 'vitest';
import { Credentials } from '../../local/auth/credentials.ts';
import { Front, type FrontRequest } from '../../local/front/server.ts';
import { addressOf } from '../../local/s3/request.ts';
import { S3Service } from '../../local/s3/service.ts';

export interface TestBucket {
  readonly client: S3Client;
  readonly name: string;
  readonly endpoint: string;
  /** Requests that were answered, as `GET key bytes=0-9`. */
  readonly requests: string[];
  /** Called before a request is served; may answer in its place. */
  readonly before: { hook: ((request: FrontRequest) => void) | null };
}

/** An empty versioned bucket in an S3 server of its own, gone when the test file is done. */
export async function startDataBucket(): Promise<TestBucket> {
  const directory = mkdtempSync(join(tmpdir(), 'data-bucket-'));
  const credentials = new Credentials(directory);
  const front = await Front.listen(0, credentials);
  const s3 = new S3Service(directory);
  s3.store.addBucket('data', { versioned: true, announces: false });
  const requests: string[] = [];
  const before: TestBucket['before'] = { hook: null };
  front.services.set('s3', async (request, response) => {
    const { authentication, incoming, method, path, query, id } = request;
    const address = addressOf(path, incoming.headers.host);
    requests.push([method, address.key, incoming.headers.range].filter(Boolean).join(' '));
    before.hook?.(request);
    await s3.handle(
      {
        ...address,
        method,
        query,
        headers: incoming.headers,
        body: incoming,
        payloadHash: authentication.payloadHash,
        requestId: id,
        requester: authentication.principal.arn,
        authorise: async () => undefined,
      },
      response,
    );
  });
  const { accessKeyId, secretAccessKey } = credentials.developer;
  const client = new S3Client({
    endpoint: front.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  afterAll(async () => {
    client.destroy();
    await front.close();
    s3.store.close();
    rmSync(directory, { recursive: true });
  });
  return { client, name: 'data', endpoint: front.endpoint, requests, before };
}
