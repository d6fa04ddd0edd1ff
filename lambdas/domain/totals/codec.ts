import { crc32 } from 'node:zlib';
import { readItemDays, writeItem } from './item-codec.ts';
import type { ItemDays } from './item-days.ts';
import type { Partial } from './partial.ts';
import { type PartialHead, readHead, type Section, writeHead } from './partial-head.ts';
import { Tally } from './tally.ts';
import { ByteCursor, ByteWriter, corrupt } from './varint.ts';

/**
 * Binary form of a partial, version 1. Equal partials have equal bytes.
 *
 *     fixed    "CDPT", version, 3 zero bytes, length of the head and its CRC-32 (two little-endian uint32)
 *     head     what the partial says of its input, then for every tally and shard the length and CRC-32 of a section
 *     sections items in order of id, one section a shard, tally after tally
 *
 * An item's shard depends on its id alone, so that a reducer fetches the head and then only its own sections.
 */
const MAGIC = Buffer.from('CDPT\u0001\u0000\u0000\u0000', 'latin1');
const FIXED_BYTES = MAGIC.length + 8;
const MAX_SHARDS = 4096;
const NO_ID: Uint8Array = new Uint8Array(0);

/** The shard of an item id: FNV-1a (32 bit) of its UTF-8 bytes, modulo the number of shards. */
export function shardOf(id: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(id)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % shards;
}

export function encodePartial(partial: Partial, shards = 1): Uint8Array {
  if (!Number.isInteger(shards) || shards < 1 || shards > MAX_SHARDS)
    throw new RangeError(`1 to ${MAX_SHARDS} shards`);
  const sections = partial.tallies.map(({ table }) => encodeSections(table.items(partial.withSpend), shards));
  const head = writeHead(
    partial,
    sections.map((tally) => tally.map(({ length, crc }) => ({ length, crc }))),
  );
  const fixed = Buffer.alloc(FIXED_BYTES);
  MAGIC.copy(fixed);
  fixed.writeUInt32LE(head.length, MAGIC.length);
  fixed.writeUInt32LE(crc32(head), MAGIC.length + 4);
  return Buffer.concat([fixed, head, ...sections.flat().map(({ bytes }) => bytes)]);
}

/** How many bytes of an encoded partial {@link decodeHead} needs; at least `FIXED_BYTES` have to be given. */
export function headLength(bytes: Uint8Array): number {
  if (bytes.length < FIXED_BYTES || !MAGIC.equals(bytes.subarray(0, MAGIC.length))) throw corrupt();
  return FIXED_BYTES + uint32(bytes, MAGIC.length);
}

/** Reads the head of an encoded partial. @throws AnalysisError `internal` when it is damaged or foreign */
export function decodeHead(bytes: Uint8Array): PartialHead {
  const end = headLength(bytes);
  const head = bytes.subarray(FIXED_BYTES, end);
  if (end > bytes.length || crc32(head) !== uint32(bytes, MAGIC.length + 4)) throw corrupt();
  return readHead(new ByteCursor(head), end);
}

/** Reads the items of one section. @throws AnalysisError `internal` when the bytes are not those of the section */
export function* decodeSection(bytes: Uint8Array, section: Section, withSpend: boolean): Generator<ItemDays> {
  if (bytes.length !== section.length || crc32(bytes) !== section.crc) throw corrupt();
  const cursor = new ByteCursor(bytes);
  for (let previous = NO_ID; !cursor.done; ) {
    const { item, id } = readItemDays(cursor, previous, withSpend);
    yield item;
    previous = id;
  }
}

/** Reads a whole encoded partial. @throws AnalysisError `internal` when it is damaged, cut, too long or foreign */
export function decodePartial(bytes: Uint8Array): Partial {
  const head = decodeHead(bytes);
  let end = headLength(bytes);
  const tallies = head.sections.map((sections, which) => {
    const tally = new Tally();
    for (const section of sections) {
      const own = bytes.subarray(section.offset, section.offset + section.length);
      for (const item of decodeSection(own, section, head.withSpend)) tally.table.addItem(item);
      end = section.offset + section.length;
    }
    const rejections = head.rejections[which];
    for (const [reason, count] of rejections?.reasons ?? []) tally.rejections.reasons.set(reason, count);
    tally.rejections.samples = rejections?.samples ?? [];
    return tally;
  });
  const [first, second] = tallies;
  if (end !== bytes.length || first === undefined) throw corrupt();
  return {
    spans: head.spans,
    rowsRead: head.rowsRead,
    withSpend: head.withSpend,
    tallies: second === undefined ? [first] : [first, second],
    percentSeen: head.percentSeen,
  };
}

function encodeSections(
  items: Iterable<ItemDays>,
  shards: number,
): { bytes: Uint8Array; length: number; crc: number }[] {
  const writers = Array.from({ length: shards }, () => ({ writer: new ByteWriter(), previous: NO_ID }));
  for (const item of items) {
    const shard = writers[shardOf(item.id, shards)];
    if (shard !== undefined) shard.previous = writeItem(shard.writer, item, shard.previous);
  }
  return writers.map(({ writer }) => {
    const bytes = writer.take();
    return { bytes, length: bytes.length, crc: crc32(bytes) };
  });
}

function uint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}
