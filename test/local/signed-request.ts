import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity } from '@smithy/types';

/** Where a service is, and who asks. */
export interface Access {
  readonly endpoint: string;
  readonly credentials: AwsCredentialIdentity;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
}

/** Asks a service whose client is not installed, as any client does: a signed POST. */
export async function signedRequest(
  { endpoint, credentials }: Access,
  service: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<Answered> {
  const { hostname, port, protocol, host } = new URL(endpoint);
  const signer = new SignatureV4({ service, region: 'us-east-1', credentials, sha256: Sha256 });
  const signed = await signer.sign({
    ...{ method: 'POST', protocol, hostname, port: Number(port), path: '/', body },
    headers: { host, ...headers },
  });
  const response = await fetch(endpoint, { method: 'POST', headers: signed.headers, body });
  return { status: response.status, text: await response.text() };
}

/** An operation of CloudWatch Logs. */
export async function logsOperation(access: Access, operation: string, input: object): Promise<unknown> {
  const headers = {
    'x-amz-target': `Logs_20140328.${operation}`,
    'content-type': 'application/x-amz-json-1.1',
  };
  const { status, text } = await signedRequest(access, 'logs', headers, JSON.stringify(input));
  if (status !== 200) throw new Error(`${operation} is answered ${status}: ${text}`);
  return JSON.parse(text);
}
