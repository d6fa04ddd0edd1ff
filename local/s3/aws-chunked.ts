import { Transform, type TransformCallback } from 'node:stream';
import { AwsError } from '../auth/errors.ts';

const LINE_END = Buffer.from('\r\n');
const LONGEST_LINE = 8192;

/**
 * Decodes a body in aws-chunked encoding with unsigned chunks: `size in hex CRLF data CRLF … 0 CRLF`, then trailing
 * headers, which are in `trailers` when the stream has ended.
 */
export class AwsChunkedDecoder extends Transform {
  readonly trailers = new Map<string, string>();
  #pending: Buffer = Buffer.alloc(0);
  #remaining = 0;
  #state: 'size' | 'data' | 'data end' | 'trailers' | 'done' = 'size';

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    try {
      while (this.#step());
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  override _flush(done: TransformCallback): void {
    const ended = this.#state === 'done' || (this.#state === 'trailers' && this.#pending.length === 0);
    done(ended ? null : incomplete());
  }

  /** Consumes one piece of what is pending; false when more has to come first. */
  #step(): boolean {
    if (this.#state === 'done') return false;
    if (this.#state === 'data') return this.#takeData();
    const line = this.#takeLine();
    if (line === undefined) return false;
    if (this.#state === 'data end') this.#state = 'size';
    else if (this.#state === 'size') this.#begin(line);
    else this.#takeTrailer(line);
    return true;
  }

  #begin(line: string): void {
    const size = /^([0-9a-f]+)(?:;.*)?$/i.exec(line)?.[1];
    if (size === undefined) throw incomplete();
    this.#remaining = Number.parseInt(size, 16);
    this.#state = this.#remaining === 0 ? 'trailers' : 'data';
  }

  #takeData(): boolean {
    const data = this.#pending.subarray(0, this.#remaining);
    if (data.length === 0) return false;
    this.push(data);
    this.#pending = this.#pending.subarray(data.length);
    this.#remaining -= data.length;
    if (this.#remaining === 0) this.#state = 'data end';
    return true;
  }

  #takeTrailer(line: string): void {
    const colon = line.indexOf(':');
    if (line === '') this.#state = 'done';
    else if (colon > 0) this.trailers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    else throw incomplete();
  }

  #takeLine(): string | undefined {
    const end = this.#pending.indexOf(LINE_END);
    if (end === -1 && this.#pending.length < LONGEST_LINE) return undefined;
    if (end === -1) throw incomplete();
    const line = this.#pending.toString('latin1', 0, end);
    this.#pending = this.#pending.subarray(end + LINE_END.length);
    return line;
  }
}

function incomplete(): AwsError {
  return new AwsError(400, 'IncompleteBody', 'The body is not complete in aws-chunked encoding.');
}
