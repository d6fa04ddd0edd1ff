import { isIP } from 'node:net';
import { isPublicAddress } from './address.ts';

const MAX_LENGTH = 2048;
/** Names that resolve on one machine or one network only (RFC 6761, RFC 6762, and what ICANN keeps for private use). */
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|home\.arpa|test|example|invalid|onion)$/;

/**
 * Why nothing can be sent to an address; null when it may be tried. What its name resolves to is looked at when it is
 * sent to, each time.
 */
export function problemOfTarget(text: string): string | null {
  if (text.length > MAX_LENGTH) return `has more than ${MAX_LENGTH} characters`;
  const url = URL.parse(text);
  if (url === null) return 'is no absolute URL';
  if (url.protocol !== 'https:') return 'has to start with https://';
  if (url.username !== '' || url.password !== '') return 'must not have a user name or password';
  if (url.hash !== '') return 'must not have a fragment';
  const host = hostOf(url);
  if (isIP(host) !== 0) return isPublicAddress(host) ? null : 'is an address of a private network';
  if (!host.includes('.') || PRIVATE_NAME.test(host)) return 'is a name of a private network';
  return null;
}

/** The host of a URL as it is resolved and connected to: without brackets, and without the dot of a complete name. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}
