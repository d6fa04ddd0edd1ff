import { REGION } from './account.ts';
import type { Principal } from './auth/credentials.ts';

/** Variables by which the AWS command line and SDKs are somebody, at an endpoint. */
export function toolEnvironment(
  { accessKeyId, secretAccessKey }: Principal,
  endpoint: string,
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
  };
}
