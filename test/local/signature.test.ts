import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../local/auth/authenticate.ts';
import { Credentials } from '../../local/auth/credentials.ts';
import { type S3Server, startS3 } from './s3-server.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const directory = temporaryDirectory();
let server: S3Server;

beforeAll(async () => {
  server = await startS3(directory.path);
  await server.client().send(new PutObjectCommand({ Bucket: 'plain', Key: 'a b', Body: 'hello' }));
});
afterAll(async () => {
  await server.close();
  directory.remove();
});

async function codeOf(response: Response): Promise<[number, string | undefined]> {
  return [response.status, /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1]];
}

describe('presigned URLs', () => {
  it('read and write without credentials', async () => {
    const put = await getSignedUrl(server.client(), new PutObjectCommand({ Bucket: 'plain', Key: 'up/ü' }), {
      expiresIn: 60,
    });
    expect((await fetch(put, { method: 'PUT', body: 'from a browser' })).status).toBe(200);
    const get = await getSignedUrl(
      server.client(),
      new GetObjectCommand({ Bucket: 'plain', Key: 'up/ü', ResponseContentDisposition: 'attachment' }),
    );
    const response = await fetch(get);
    expect(await response.text()).toBe('from a browser');
    expect(response.headers.get('content-disposition')).toBe('attachment');
  });

  it('are refused when anything signed is changed', async () => {
    const url = await getSignedUrl(server.client(), new GetObjectCommand({ Bucket: 'plain', Key: 'a b' }), {
      expiresIn: 60,
    });
    expect((await fetch(url)).status).toBe(200);
    const refused = [403, 'SignatureDoesNotMatch'];
    expect(await codeOf(await fetch(url.replace('a%20b', 'a%20c')))).toEqual(refused);
    expect(await codeOf(await fetch(url.replace('Expires=60', 'Expires=600')))).toEqual(refused);
    expect(await codeOf(await fetch(url, { method: 'PUT', body: 'x' }))).toEqual(refused);
    expect(await codeOf(await fetch(`${url}&versionId=1`))).toEqual(refused);
    const forged = url.replace(/Signature=(.)/, (_, digit) => `Signature=${digit === '0' ? '1' : '0'}`);
    expect(await codeOf(await fetch(forged))).toEqual(refused);
  });

  it('expire, and cannot be made to last longer than a week', async () => {
    const command = new GetObjectCommand({ Bucket: 'plain', Key: 'a b' });
    const old = await getSignedUrl(server.client(), command, {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 61_000),
    });
    const response = await fetch(old);
    expect(await response.clone().text()).toContain('Request has expired');
    expect(await codeOf(response)).toEqual([403, 'AccessDenied']);
    const fresh = await getSignedUrl(server.client(), command, {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 50_000),
    });
    expect((await fetch(fresh)).status).toBe(200);
  });
});

describe('signed headers', () => {
  it('refuses requests without signature, with a wrong secret, and by somebody unknown', async () => {
    expect((await fetch(`${server.endpoint}/plain/a%20b`)).status).toBe(403);
    const get = (overrides: object) =>
      server
        .client({ ...server.developer, ...overrides })
        .send(new GetObjectCommand({ Bucket: 'plain', Key: 'a b' }));
    await expect(get({})).resolves.toMatchObject({ ContentLength: 5 });
    await expect(get({ secretAccessKey: 'wrong' })).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    await expect(get({ accessKeyId: 'AKIANOBODY' })).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
    await expect(get({ sessionToken: 'another' })).rejects.toMatchObject({ name: 'InvalidToken' });
  });

  it('refuses requests signed over 15 minutes ago', () => {
    const credentials = new Credentials(directory.path);
    const request = {
      method: 'GET',
      path: '/',
      query: new URLSearchParams(),
      headers: {
        'x-amz-date': '20260101T000000Z',
        authorization: `AWS4-HMAC-SHA256 Credential=${credentials.developer.accessKeyId}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      },
    };
    const at = (minutes: number) => () =>
      authenticate(request, credentials, Date.UTC(2026, 0, 1) + minutes * 60_000, () => '');
    expect(at(16)).toThrow('15 minutes');
    expect(at(14)).toThrow('does not match');
  });
});
