import { createHmac } from 'node:crypto';

const SECRET_PREFIX = 'whsec_';

/** Bytes of randomness that `createSecret` wants. */
export const SECRET_RANDOM_BYTES = 32;

/** A secret to sign with (Standard Webhooks 1.0): `whsec_` and base64. @param random bytes nobody can guess */
export function createSecret(random: Uint8Array): string {
  if (random.length < SECRET_RANDOM_BYTES)
    throw new RangeError(`A secret needs ${SECRET_RANDOM_BYTES} random bytes.`);
  return `${SECRET_PREFIX}${Buffer.from(random).toString('base64')}`;
}

export interface SignedMessage {
  /** The same for every attempt, by which a receiver knows what it has seen. */
  readonly id: string;
  /** Of the attempt, in seconds since the epoch; receivers refuse old ones. */
  readonly timestamp: number;
  readonly body: string;
}

/** The headers of a message that say who sent it: a signature for each secret, HMAC-SHA256 over id, time and body. */
export function signedHeaders(
  { id, timestamp, body }: SignedMessage,
  secrets: readonly string[],
): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
