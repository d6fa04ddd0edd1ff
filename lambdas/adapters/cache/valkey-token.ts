import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentityProvider } from '@smithy/types';
import type { CacheEnvironment } from '../../contracts/cache-environment.ts';

/** How long a token may be used to open a connection; the longest there is. */
const TOKEN_SECONDS = 900;

/**
 * A token that stands for the password of a cache user: a signed request to connect, without its scheme. It is made
 * here, without a call (ElastiCache user guide, "Authenticating with IAM").
 */
export async function connectToken(
  { CACHE_NAME, CACHE_USER, AWS_REGION }: CacheEnvironment,
  credentials: AwsCredentialIdentityProvider,
): Promise<string> {
  const signer = new SignatureV4({
    service: 'elasticache',
    region: AWS_REGION,
    credentials,
    sha256: Sha256,
  });
  const request = new HttpRequest({
    method: 'GET',
    protocol: 'http:',
    hostname: CACHE_NAME,
    path: '/',
    query: { Action: 'connect', User: CACHE_USER, ResourceType: 'ServerlessCache' },
    headers: { host: CACHE_NAME },
  });
  const { path, query = {} } = await signer.presign(request, { expiresIn: TOKEN_SECONDS });
  const pairs = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  return `${CACHE_NAME}${path}?${new URLSearchParams(pairs)}`;
}
