import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

export type ContentCoding = 'br' | 'gzip' | 'identity';

/** Below this a packed body is hardly smaller, or larger. */
export const MIN_COMPRESSED_BYTES = 1024;
/** Of equally welcome codings the first. */
const OFFERED = ['br', 'gzip'] as const;
/** As small as gzip's best at a tenth of the time; the highest levels are for files packed once. */
const BROTLI_QUALITY = 4;

const packBrotli = promisify(brotliCompress);
const packGzip = promisify(gzip);

/** The coding that a client likes best of those there are (RFC 9110, section 12.5.3). */
export function negotiateCoding(acceptEncoding: string | undefined): ContentCoding {
  const weights = weightsOf(acceptEncoding ?? '');
  const weightOf = (coding: string): number => weights.get(coding) ?? weights.get('*') ?? 0;
  const best = OFFERED.reduce<(typeof OFFERED)[number]>(
    (found, coding) => (weightOf(coding) > weightOf(found) ? coding : found),
    OFFERED[0],
  );
  const plain = weights.get('identity') ?? 0;
  return weightOf(best) > 0 && weightOf(best) >= plain ? best : 'identity';
}

/** Whether a body of this type shrinks when it is packed. */
export function isCompressible(contentType: string): boolean {
  return /^(text\/|application\/([\w.-]+\+)?(json|xml|javascript)\b|image\/svg)/.test(contentType);
}

export async function compress(bytes: Uint8Array, coding: 'br' | 'gzip'): Promise<Uint8Array> {
  if (coding === 'gzip') return packGzip(bytes);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return packBrotli(bytes, { params });
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
