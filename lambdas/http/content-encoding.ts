import { brotliCompressSync, constants, gunzipSync, gzipSync } from 'node:zlib';

export type ContentCoding = 'br' | 'gzip' | 'identity';

/** Below this a packed body is hardly smaller, or larger. */
export const MIN_COMPRESSED_BYTES = 1024;
/** Of equally welcome codings the first. */
const OFFERED = ['br', 'gzip'] as const;
/** The same where the body is packed already. */
const OFFERED_PACKED = ['gzip', 'br'] as const;
/** As small as gzip's best at a tenth of the time; the highest levels are for files packed once. */
const BROTLI_QUALITY = 4;

/**
 * The coding that a client likes best of those there are (RFC 9110, section 12.5.3).
 *
 * @param isPacked whether the body is there in gzip, which then is the best of those that are liked equally
 */
export function negotiateCoding(acceptEncoding: string | undefined, isPacked = false): ContentCoding {
  const offered = isPacked ? OFFERED_PACKED : OFFERED;
  const weights = weightsOf(acceptEncoding ?? '');
  const weightOf = (coding: string): number => weights.get(coding) ?? weights.get('*') ?? 0;
  const best = offered.reduce<(typeof OFFERED)[number]>(
    (found, coding) => (weightOf(coding) > weightOf(found) ? coding : found),
    offered[0],
  );
  const plain = weights.get('identity') ?? 0;
  return weightOf(best) > 0 && weightOf(best) >= plain ? best : 'identity';
}

/** Whether a body of this type shrinks when it is packed. */
export function isCompressible(contentType: string): boolean {
  return /^(text\/|application\/([\w.-]+\+)?(json|xml|javascript)\b|image\/svg)/.test(contentType);
}

/** Packs at once, not beside other work: a function has one request at a time, and handing over costs more than packing. */
export function compress(bytes: Uint8Array | string, coding: 'br' | 'gzip'): Uint8Array {
  if (coding === 'gzip') return gzipSync(bytes);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return brotliCompressSync(bytes, { params });
}

/** What was packed by gzip. */
export function decompress(packed: Uint8Array): Uint8Array {
  return gunzipSync(packed);
}

function weightsOf(header: string): Map<string, number> {
  return new Map(
    header.split(',').map((part): [string, number] => {
      const [coding = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice('q='.length);
      return [coding, weight === undefined ? 1 : Number.parseFloat(weight) || 0];
    }),
  );
}
