import { describe, expect, it } from 'vitest';
import { connectToken } from '../../lambdas/adapters/cache/valkey-token.ts';

const environment = {
  CACHE_HOST: 'cache.example.com',
  CACHE_PORT: 6379,
  CACHE_NAME: 'creative-dynamics',
  CACHE_USER: 'api',
  AWS_REGION: 'eu-west-1',
};
const credentials = async () => ({
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'secret',
  sessionToken: 'session',
});

describe('the token of a cache user', () => {
  it('is a signed request to connect, made out for the user and the cache, without its scheme', async () => {
    const token = await connectToken(environment, credentials);
    const url = new URL(`http://${token}`);
    expect(token.startsWith('creative-dynamics/?')).toBe(true);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: 'connect',
      User: 'api',
      ResourceType: 'ServerlessCache',
      'X-Amz-Expires': '900',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Security-Token': 'session',
    });
    expect(url.searchParams.get('X-Amz-Credential')).toMatch(
      /^AKIDEXAMPLE\/\d{8}\/eu-west-1\/elasticache\/aws4_request$/,
    );
    expect(url.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
  });
});
