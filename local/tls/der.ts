/** The few types of ASN.1 that a certificate needs, in the distinguished encoding rules (ITU-T X.690). */

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(size: number): Buffer {
  if (size < 0x80) return Buffer.from([size]);
  const octets = size < 0x100 ? [size] : [size >> 8, size & 0xff];
  return Buffer.from([0x80 | octets.length, ...octets]);
}

export function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

export function setOf(...parts: Buffer[]): Buffer {
  return tagged(0x31, Buffer.concat(parts));
}

export function explicit(tag: number, content: Buffer): Buffer {
  return tagged(0xa0 | tag, content);
}

/** @param value big endian, its first bit 0 */
export function integer(value: Buffer): Buffer {
  return tagged(0x02, value);
}

export function truth(value: boolean): Buffer {
  return tagged(0x01, Buffer.from([value ? 0xff : 0]));
}

export function bytes(content: Buffer): Buffer {
  return tagged(0x04, content);
}

export function bits(content: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), content]));
}

export function utf8(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text));
}

export function time(date: Date): Buffer {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
  return tagged(0x18, Buffer.from(digits));
}

export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(0x06, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const octets = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) octets.unshift(0x80 | (left & 0x7f));
  return octets;
}
