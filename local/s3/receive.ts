import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { AwsError } from '../auth/errors.ts';
import { AwsChunkedDecoder } from './aws-chunked.ts';
import { headerOf, notImitated, type S3Request } from './request.ts';

export interface ReceivedBody {
  /** Name of the file under the store's blobs. */
  readonly blob: string;
  readonly size: number;
  readonly md5: string;
  /** Checksum headers of the body, to be told again to whoever reads it. */
  readonly checksums: Readonly<Record<string, string>>;
}

/** The largest body of one PUT. */
const MAX_PUT_BYTES = 5 * 1024 ** 3;

/**
 * Streams a request's body into a file, and holds it against every digest the client gave.
 *
 * @throws AwsError 400 when the body is not what was signed or announced; the file is then gone
 */
export async function receiveBody(request: S3Request, blobDirectory: string): Promise<ReceivedBody> {
  const blob = randomUUID();
  const file = join(blobDirectory, blob);
  const { payloadHash } = request;
  const digests = new Digests(/^[0-9a-f]{64}$/.test(payloadHash));
  const chunked = payloadHash === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' ? new AwsChunkedDecoder() : undefined;
  if (chunked === undefined && payloadHash.startsWith('STREAMING-')) throw notImitated(payloadHash);
  try {
    const target = createWriteStream(file, { highWaterMark: 1 << 20 });
    if (chunked === undefined) await pipeline(request.body, digests, target);
    else await pipeline(request.body, chunked, digests, target);
    const announced = (name: string) => headerOf(request, name) ?? chunked?.trailers.get(name);
    return { blob, ...check(request, digests, announced) };
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

function check(
  request: S3Request,
  digests: Digests,
  announced: (name: string) => string | undefined,
): Omit<ReceivedBody, 'blob'> {
  const decodedLength = announced('x-amz-decoded-content-length');
  if (decodedLength !== undefined && Number(decodedLength) !== digests.size) {
    throw new AwsError(400, 'IncompleteBody', 'The body has not the announced length.');
  }
  if (digests.sha256 !== undefined && digests.sha256.digest('hex') !== request.payloadHash) {
    throw new AwsError(
      400,
      'XAmzContentSHA256Mismatch',
      'The provided x-amz-content-sha256 is not the body’s.',
    );
  }
  const md5 = digests.md5.digest();
  const contentMd5 = announced('content-md5');
  if (contentMd5 !== undefined && contentMd5 !== md5.toString('base64')) {
    throw new AwsError(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  return { size: digests.size, md5: md5.toString('hex'), checksums: checksums(digests, announced) };
}

/** CRC32 is verified and kept; the other algorithms are accepted unverified and not kept. */
function checksums(
  digests: Digests,
  announced: (name: string) => string | undefined,
): Readonly<Record<string, string>> {
  const given = announced('x-amz-checksum-crc32');
  if (given === undefined) return {};
  if (given !== digests.crc32Text) {
    throw new AwsError(400, 'BadDigest', 'The CRC32 you specified did not match what we received.');
  }
  return { 'x-amz-checksum-crc32': given };
}

class Digests extends Transform {
  readonly md5: Hash = createHash('md5');
  readonly sha256: Hash | undefined;
  size = 0;
  #crc32 = 0;

  constructor(withSha256: boolean) {
    super({ highWaterMark: 1 << 20 });
    this.sha256 = withSha256 ? createHash('sha256') : undefined;
  }

  get crc32Text(): string {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#crc32);
    return bytes.toString('base64');
  }

  override _transform(
    chunk: Buffer,
    _: BufferEncoding,
    done: (error: Error | null, data?: Buffer) => void,
  ): void {
    this.size += chunk.length;
    if (this.size > MAX_PUT_BYTES) {
      done(new AwsError(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size.'));
      return;
    }
    this.md5.update(chunk);
    this.sha256?.update(chunk);
    this.#crc32 = crc32(chunk, this.#crc32);
    done(null, chunk);
  }
}
