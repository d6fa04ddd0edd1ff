import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface CanonicalInput {
  readonly method: string;
  /** Path as it came, percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
  /** `YYYYMMDD/region/service/aws4_request`. */
  readonly scope: string;
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly date: string;
}

/** Signature version 4 of a request, hex (AWS General Reference, "Create a signed AWS API request"). */
export function signature(input: CanonicalInput, secretAccessKey: string): string {
  const text = ['AWS4-HMAC-SHA256', input.date, input.scope, sha256(canonicalRequest(input))].join('\n');
  return createHmac('sha256', signingKey(secretAccessKey, input.scope)).update(text).digest('hex');
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function canonicalRequest(input: CanonicalInput): string {
  const { method, query, headers, signedHeaders, payloadHash } = input;
  const headerLines = signedHeaders.map((name) => `${name}:${headerText(headers[name])}\n`);
  return [
    method,
    canonicalPath(input.path, input.scope.split('/')[2] === 's3'),
    canonicalQuery(query),
    headerLines.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

/** S3 encodes each segment once; every other service encodes the encoded path again. */
function canonicalPath(path: string, once: boolean): string {
  return path
    .split('/')
    .map((segment) => encode(once ? decodeURIComponent(segment) : segment))
    .join('/');
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

function headerText(value: string | string[] | undefined): string {
  return [value ?? '']
    .flat()
    .map((text) => text.trim().replace(/ +/g, ' '))
    .join(',');
}

/** Percent-encodes all but the unreserved characters of RFC 3986. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

// A key serves a whole day, so the last few are kept.
const signingKeys = new Map<string, Buffer>();

function signingKey(secret: string, scope: string): Buffer {
  const name = `${secret}/${scope}`;
  const known = signingKeys.get(name);
  if (known !== undefined) return known;
  const key = scope
    .split('/')
    .reduce<Buffer>(
      (parent, part) => createHmac('sha256', parent).update(part).digest(),
      Buffer.from(`AWS4${secret}`),
    );
  if (signingKeys.size > 200) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}
