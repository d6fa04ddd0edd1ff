import { REJECT_REASONS } from '../observation/reject.ts';
import type { Partial, Span } from './partial.ts';
import { type LocatedSample, Rejections } from './rejections.ts';
import { type ByteCursor, ByteWriter, corrupt } from './varint.ts';

const WITH_SPEND = 1;
const PERCENT_SEEN = 2;

/** Where a section stands in an encoded partial. */
export interface Section {
  readonly offset: number;
  readonly length: number;
  /** CRC-32 of its bytes. */
  readonly crc: number;
}

/** Everything of an encoded partial but the items. */
export interface PartialHead {
  readonly spans: readonly Span[];
  readonly rowsRead: number;
  readonly withSpend: boolean;
  readonly percentSeen: boolean;
  /** One a tally. */
  readonly rejections: readonly Rejections[];
  /** `sections[tally][shard]`. */
  readonly sections: readonly (readonly Section[])[];
}

export function writeHead(
  partial: Partial,
  sections: readonly (readonly Omit<Section, 'offset'>[])[],
): Uint8Array {
  const writer = new ByteWriter();
  writer.integer((partial.withSpend ? WITH_SPEND : 0) | (partial.percentSeen ? PERCENT_SEEN : 0));
  writer.integer(partial.rowsRead);
  writer.integer(partial.spans.length);
  for (const { from, to, lines } of partial.spans)
    for (const value of [from, to, lines]) writer.integer(value);
  writer.integer(partial.tallies.length);
  writer.integer(sections[0]?.length ?? 0);
  partial.tallies.forEach(({ rejections }, which) => {
    writeRejections(writer, rejections);
    for (const { length, crc } of sections[which] ?? [])
      for (const value of [length, crc]) writer.integer(value);
  });
  return writer.take();
}

/** @param end where the head ends and the sections begin */
export function readHead(cursor: ByteCursor, end: number): PartialHead {
  const flags = cursor.integer();
  const rowsRead = cursor.integer();
  const spans = list(cursor, () => ({
    from: cursor.integer(),
    to: cursor.integer(),
    lines: cursor.integer(),
  }));
  const tallies = cursor.integer();
  const shards = cursor.integer();
  if (flags > (WITH_SPEND | PERCENT_SEEN) || tallies < 1 || tallies > 2) throw corrupt();
  let offset = end;
  const rejections: Rejections[] = [];
  const sections: Section[][] = [];
  for (let tally = 0; tally < tallies; tally++) {
    rejections.push(readRejections(cursor));
    const own: Section[] = [];
    for (let shard = 0; shard < shards; shard++) {
      const section = { offset, length: cursor.integer(), crc: cursor.integer() };
      offset += section.length;
      own.push(section);
    }
    sections.push(own);
  }
  if (!cursor.done) throw corrupt();
  const withSpend = (flags & WITH_SPEND) !== 0;
  return { spans, rowsRead, withSpend, percentSeen: (flags & PERCENT_SEEN) !== 0, rejections, sections };
}

function writeRejections(writer: ByteWriter, { reasons, samples }: Rejections): void {
  for (const reason of REJECT_REASONS) writer.integer(reasons.get(reason) ?? 0);
  writer.integer(samples.length);
  for (const { line, byteOffset, column, reason, text } of samples) {
    writer.integer(line);
    writer.integer(byteOffset);
    writer.integer(REJECT_REASONS.indexOf(reason));
    writer.integer(column === null ? 0 : 1);
    if (column !== null) writer.text(column);
    writer.text(text);
  }
}

function readRejections(cursor: ByteCursor): Rejections {
  const rejections = new Rejections();
  for (const reason of REJECT_REASONS) {
    const count = cursor.integer();
    if (count > 0) rejections.reasons.set(reason, count);
  }
  rejections.samples = list(cursor, (): LocatedSample => {
    const line = cursor.integer();
    const byteOffset = cursor.integer();
    const reason = REJECT_REASONS[cursor.integer()];
    if (reason === undefined) throw corrupt();
    const column = cursor.integer() === 0 ? null : cursor.text();
    return { line, byteOffset, reason, column, text: cursor.text() };
  });
  return rejections;
}

function list<T>(cursor: ByteCursor, read: () => T): T[] {
  const items: T[] = [];
  for (let rest = cursor.integer(); rest > 0; rest--) items.push(read());
  return items;
}
