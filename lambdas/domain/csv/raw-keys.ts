/**
 * Maps the raw bytes of a field to a small integer, without making a string of them: hash, open addressing, exact
 * comparison of bytes. A key that would need a long search is not admitted, so that an input made to collide costs
 * only the slow path.
 */
export class RawKeys {
  #arena = new DataView(new ArrayBuffer(1 << 16));
  #used = 0;
  #count = 0;
  /** Four integers an entry: hash, offset in the arena, length (0 = free), value. */
  #entries = new Int32Array(ENTRY * 1024);

  /** The value of the bytes `[from, to)` of `view`, or -1. `view` is readable for three bytes past `to`. */
  find(view: DataView, from: number, to: number): number {
    const hash = hashBytes(view, from, to);
    const entries = this.#entries;
    const mask = entries.length - 1;
    let at = Math.imul(hash, ENTRY) & mask;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const length = entries[at + 2] ?? 0;
      if (length === 0) return -1;
      if (
        entries[at] === hash &&
        length === to - from &&
        sameBytes(this.#arena, entries[at + 1] ?? 0, view, from, length)
      ) {
        return entries[at + 3] ?? -1;
      }
      at = (at + ENTRY) & mask;
    }
    return -1;
  }

  /** Remembers a value for bytes that {@link find} does not know; does nothing where the search would get long. */
  set(view: DataView, from: number, to: number, value: number): void {
    const length = to - from;
    if (length === 0 || length > MAX_KEY_BYTES || this.#used + length > MAX_ARENA_BYTES) return;
    if ((this.#count + 1) * 2 * ENTRY > this.#entries.length) this.#grow();
    if (!place(this.#entries, hashBytes(view, from, to), this.#used, length, value)) return;
    while (this.#used + length + 4 > this.#arena.byteLength) {
      this.#arena = new DataView(this.#arena.buffer.transfer(this.#arena.byteLength * 2));
    }
    for (let i = 0; i < length; i++) this.#arena.setUint8(this.#used + i, view.getUint8(from + i));
    this.#used += length;
    this.#count++;
  }

  #grow(): void {
    const old = this.#entries;
    this.#entries = new Int32Array(old.length * 4);
    this.#count = 0;
    for (let at = 0; at < old.length; at += ENTRY) {
      const [hash = 0, offset = 0, length = 0, value = 0] = old.subarray(at, at + ENTRY);
      if (length > 0 && place(this.#entries, hash, offset, length, value)) this.#count++;
    }
  }
}

const ENTRY = 4;
const MAX_PROBES = 32;
const MAX_KEY_BYTES = 4096;
const MAX_ARENA_BYTES = 1 << 30;

function place(entries: Int32Array, hash: number, offset: number, length: number, value: number): boolean {
  const mask = entries.length - 1;
  let at = Math.imul(hash, ENTRY) & mask;
  for (let probe = 0; probe < MAX_PROBES; probe++) {
    if (entries[at + 2] === 0) {
      entries.set([hash, offset, length, value], at);
      return true;
    }
    at = (at + ENTRY) & mask;
  }
  return false;
}

/** Four bytes at a time, the last four overlapping; multiply-xorshift as in MurmurHash3. */
function hashBytes(view: DataView, from: number, to: number): number {
  const length = to - from;
  let hash = length;
  if (length < 4) {
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ view.getUint8(at), 0x9e3779b1);
  } else {
    for (let at = from; at + 4 < to; at += 4) {
      hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ view.getInt32(to - 4, true), 0x9e3779b1);
  }
  return (hash ^ (hash >>> 13)) | 0;
}

/** Whether two byte ranges of equal length are equal. */
export function sameBytes(a: DataView, aFrom: number, b: DataView, bFrom: number, length: number): boolean {
  if (length < 4) {
    for (let i = 0; i < length; i++) if (a.getUint8(aFrom + i) !== b.getUint8(bFrom + i)) return false;
    return true;
  }
  const last = length - 4;
  for (let i = 0; i < last; i += 4)
    if (a.getInt32(aFrom + i, true) !== b.getInt32(bFrom + i, true)) return false;
  return a.getInt32(aFrom + last, true) === b.getInt32(bFrom + last, true);
}
