import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { AnalysisError } from '../errors.ts';
import { splitFrames } from './zstd-frames.ts';

/** How an input is packed, by its first bytes and never by its name. */
export type Packing = 'plain' | 'gzip' | 'zstd';

/** Decompressed blocks of 1 MiB take a third less time than Node's default of 16 KiB. */
const CHUNK_BYTES = 1 << 20;
/** What an archive may expand to before its ratio is looked at. */
const FREE_BYTES = 1 << 26;
/** Exports compress 5 to 30 times; an archive that expands further than this is an attack or an accident. */
const MAX_RATIO = 1000;

const SIGNATURES: readonly (readonly [readonly number[], string])[] = [
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file'],
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP archive or a spreadsheet (.xlsx)'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old spreadsheet (.xls)'],
  [[0x42, 0x5a, 0x68], 'a bzip2 archive'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'an xz archive'],
  [[0xff, 0xfe], 'text in UTF-16'],
  [[0xfe, 0xff], 'text in UTF-16'],
];

/** @throws AnalysisError `unsupported_format` for formats that are recognised but not read */
export function packingOf(head: Uint8Array): Packing {
  const startsWith = (bytes: readonly number[]) => bytes.every((byte, i) => head[i] === byte);
  if (startsWith([0x1f, 0x8b])) return 'gzip';
  if (startsWith([0x28, 0xb5, 0x2f, 0xfd])) return 'zstd';
  const foreign = SIGNATURES.find(([bytes]) => startsWith(bytes));
  if (foreign === undefined) return 'plain';
  throw new AnalysisError(
    'unsupported_format',
    `The input is ${foreign[1]}, which is not read yet.`,
    'Export it as CSV in UTF-8 (plain, .gz or .zst).',
  );
}

/**
 * Unpacks an input.
 *
 * @param maxBytes most bytes it may unpack to
 * @throws AnalysisError `corrupt_archive` when the archive is damaged, cut off, or expands more than 1,000 times;
 * `dataset_too_large` past `maxBytes`
 */
export async function* unpack(
  packed: AsyncIterable<Uint8Array>,
  packing: Exclude<Packing, 'plain'>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let packedBytes = 0;
  const counted = async function* () {
    for await (const chunk of packed) {
      packedBytes += chunk.length;
      yield chunk;
    }
  };
  const options = { chunkSize: CHUNK_BYTES };
  const unpacker = packing === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
  const stop = new AbortController();
  const source = packing === 'gzip' ? counted() : splitFrames(counted());
  const flow = pipeline(Readable.from(source), unpacker, { signal: stop.signal });
  // The reading side reports the failure; this only keeps the same failure from being reported twice.
  flow.catch((error: unknown) => unpacker.destroy(error instanceof Error ? error : undefined));
  let bytes = 0;
  try {
    for await (const chunk of unpacker) {
      bytes += chunk.length;
      assertBounded(bytes, packedBytes, maxBytes);
      yield chunk;
    }
    await flow;
  } catch (error) {
    throw error instanceof Error && isZlibError(error) ? corruptArchive(error) : error;
  } finally {
    stop.abort();
  }
}

function assertBounded(bytes: number, packedBytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw tooLarge(maxBytes);
  if (bytes > FREE_BYTES && bytes > packedBytes * MAX_RATIO) {
    throw new AnalysisError(
      'corrupt_archive',
      `The archive expands more than ${MAX_RATIO} times (${packedBytes} bytes to ${bytes} and counting).`,
      'Send the data unpacked if it really is that repetitive.',
    );
  }
}

export function tooLarge(maxBytes: number): AnalysisError {
  return new AnalysisError(
    'dataset_too_large',
    `The dataset is larger than ${maxBytes} bytes.`,
    'Split it by creative or by period, or raise the limit.',
  );
}

function isZlibError(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && /^(Z_|ZSTD_|ERR_ZLIB)/.test(error.code);
}

function corruptArchive(cause: Error): AnalysisError {
  return new AnalysisError(
    'corrupt_archive',
    `The archive is damaged or cut off (${cause.message}).`,
    'Compress and send it again.',
    { cause },
  );
}
