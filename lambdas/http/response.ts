import {
  type ContentCoding,
  compress,
  decompress,
  isCompressible,
  MIN_COMPRESSED_BYTES,
  negotiateCoding,
} from './content-encoding.ts';
import { entityTag, isKnown } from './entity-tag.ts';
import type { ApiResponse } from './exchange.ts';

/** An answer as it goes out. */
export interface WireResponse {
  readonly status: number;
  /** By their usual spelling. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What of a request decides how its answer is written down. */
export interface RequestHead {
  readonly method: string;
  readonly requestId: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

interface Body {
  readonly contentType: string | null;
  readonly bytes: Uint8Array;
}

/**
 * Writes an answer down: JSON, entity tag and 304 on what is read, compression, and the headers that every answer has.
 */
export function toWire(request: RequestHead, response: ApiResponse): WireResponse {
  const headers = new Headers({ ...response.headers });
  const { contentType, bytes } = bodyOf(response, headers.get('Content-Type'));
  const isTagged = request.method === 'GET' && response.status === 200;
  headers.set('Request-Id', request.requestId);
  headers.set('X-Content-Type-Options', 'nosniff');
  if (!headers.has('Cache-Control'))
    headers.set('Cache-Control', isTagged ? 'private, no-cache' : 'no-store');
  if (contentType === null) return { status: response.status, headers: named(headers), body: bytes };

  headers.set('Content-Type', contentType);
  const isPackable = isCompressible(contentType) && !headers.has('Content-Encoding');
  if (isPackable) headers.append('Vary', 'Accept-Encoding');
  const isPacked = response.packed !== undefined;
  const isWorthIt = isPackable && (isPacked || bytes.length >= MIN_COMPRESSED_BYTES);
  const coding = isWorthIt ? negotiateCoding(request.headers['accept-encoding'], isPacked) : 'identity';
  if (isTagged) {
    const tag = headers.get('ETag') ?? entityTag(bytes, coding);
    headers.set('ETag', tag);
    if (isKnown(tag, request.headers['if-none-match'])) return notModified(headers);
  }
  if (coding !== 'identity') headers.set('Content-Encoding', coding);
  return { status: response.status, headers: named(headers), body: coded(bytes, response.packed, coding) };
}

/** Bytes that are packed or not, as the coding has them. */
function coded(bytes: Uint8Array, packed: ApiResponse['packed'], coding: ContentCoding): Uint8Array {
  if (coding === (packed ?? 'identity')) return bytes;
  const plain = packed === undefined ? bytes : decompress(bytes);
  return coding === 'identity' ? plain : compress(plain, coding);
}

function bodyOf({ body }: ApiResponse, contentType: string | null): Body {
  if (body === undefined) return { contentType: null, bytes: new Uint8Array(0) };
  if (body instanceof Uint8Array)
    return { contentType: contentType ?? 'application/octet-stream', bytes: body };
  const isText = typeof body === 'string' && contentType !== null;
  const text = isText ? body : JSON.stringify(body);
  return { contentType: contentType ?? 'application/json', bytes: new TextEncoder().encode(text) };
}

function notModified(headers: Headers): WireResponse {
  headers.delete('Content-Type');
  return { status: 304, headers: named(headers), body: new Uint8Array(0) };
}

/** The few names there are, as they are usually written. */
const written = new Map<string, string>();

/** Names as they are usually written; HTTP/1.1 clients and people read them so. */
function named(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    Array.from(headers, ([name, value]) => [written.get(name) ?? writtenName(name), value]),
  );
}

function writtenName(name: string): string {
  const usual = name === 'etag' ? 'ETag' : name.replace(/\b[a-z]/g, (c) => c.toUpperCase());
  written.set(name, usual);
  return usual;
}
