import type { Duplex } from 'node:stream';

/** What of PostgreSQL's frontend/backend protocol 3.0 it takes to let a client in. */

export const SSL_REQUEST = 80_877_103;
export const CANCEL_REQUEST = 80_877_102;
const GSS_REQUEST = 80_877_104;
/** More is no greeting: names and settings take hundreds of bytes, tokens one or two thousand. */
const MAX_MESSAGE_BYTES = 16_384;

export interface Greeting {
  readonly code: number;
  /** All of it, as it came. */
  readonly bytes: Buffer;
}

/** Reads the first message of a connection; a request for GSS encryption is declined on the way. */
export async function readGreeting(stream: Duplex): Promise<Greeting> {
  const bytes = await readMessage(stream, 0);
  const code = bytes.readInt32BE(4);
  if (code !== GSS_REQUEST) return { code, bytes };
  stream.write('N');
  return readGreeting(stream);
}

/** The user that a startup message names. */
export function userOf({ bytes }: Greeting): string {
  const fields = bytes.subarray(8).toString().split('\0');
  return fields.find((_, index) => index % 2 === 1 && fields[index - 1] === 'user') ?? '';
}

/** Asks for a password in plain text, as RDS asks for tokens. */
export async function askPassword(stream: Duplex): Promise<string> {
  const request = Buffer.alloc(9);
  request.write('R');
  request.writeInt32BE(8, 1);
  request.writeInt32BE(3, 5);
  stream.write(request);
  const message = await readMessage(stream, 1);
  if (message[0] !== 'p'.charCodeAt(0)) throw new Error('The client sent no password.');
  return message.subarray(5, -1).toString();
}

/** A refusal, as a server sends it before it hangs up. */
export function refusal(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** @param at where its length stands: first, or after the byte that says what it is */
async function readMessage(stream: Duplex, at: 0 | 1): Promise<Buffer> {
  const head = await readBytes(stream, at + 4);
  const length = head.readInt32BE(at) + at;
  if (length < head.length || length > MAX_MESSAGE_BYTES) throw new Error('This is not PostgreSQL speaking.');
  return length === head.length ? head : Buffer.concat([head, await readBytes(stream, length - head.length)]);
}

/** Takes so many bytes, and leaves the others in the stream. */
function readBytes(stream: Duplex, count: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const attempt = () => {
      const chunk: unknown = stream.read(count);
      if (!Buffer.isBuffer(chunk)) return;
      leave();
      if (chunk.length === count) resolve(chunk);
      else reject(new Error('The client hung up.'));
    };
    const hangUp = () => {
      leave();
      reject(new Error('The client hung up.'));
    };
    const leave = () => {
      stream.off('readable', attempt).off('close', hangUp).off('end', hangUp).off('error', hangUp);
    };
    stream.on('readable', attempt).on('close', hangUp).on('end', hangUp).on('error', hangUp);
    attempt();
  });
}
