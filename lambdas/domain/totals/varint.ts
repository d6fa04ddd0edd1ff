import { AnalysisError } from '../errors.ts';

/** Little-endian base-128 integers up to 2^53, as in Protocol Buffers, and byte strings with their length. */
export class ByteWriter {
  #bytes = new Uint8Array(1 << 12);
  #length = 0;

  integer(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  signed(value: number): void {
    this.integer(value < 0 ? -2 * value - 1 : 2 * value);
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  text(value: string): void {
    const bytes = Buffer.from(value);
    this.integer(bytes.length);
    this.bytes(bytes);
  }

  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads what {@link ByteWriter} wrote. @throws AnalysisError `internal` at anything that it cannot have written */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  integer(): number {
    let value = 0;
    let unit = 1;
    for (let length = 0; length < 8; length++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw corrupt();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) {
        if (value > 2 ** 53) throw corrupt();
        return value;
      }
      unit *= 0x80;
    }
    throw corrupt();
  }

  signed(): number {
    const value = this.integer();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  bytes(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw corrupt();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return Buffer.from(this.bytes(this.integer())).toString();
  }
}

export function corrupt(): AnalysisError {
  return new AnalysisError(
    'internal',
    'A partial result is damaged, or is not one of this engine.',
    'Scan the range again: nothing of the input is lost.',
  );
}
