import { AnalysisError } from '../errors.ts';
import { type LocatedSample, MAX_SAMPLES } from './rejections.ts';
import { type Tallies, Tally } from './tally.ts';

/** A stretch of input `[from, to)` that was scanned, from the start of a record to the start of another. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** Line breaks in it. */
  readonly lines: number;
}

/**
 * The totals of a part of an input. Merging is associative and commutative: a partial says exactly which bytes it
 * stands for, so that neither the cut, nor the order, nor a second delivery changes a result.
 */
export interface Partial {
  /** Disjoint, in order, with no two adjacent. */
  readonly spans: readonly Span[];
  readonly rowsRead: number;
  readonly withSpend: boolean;
  /** The lines of reject samples count from the start of their span. */
  readonly tallies: Tallies;
  /** Whether a row showed the ctr column to be a percentage. */
  readonly percentSeen: boolean;
}

/**
 * The union of partials of one input. A partial whose bytes another one covers is a second delivery and counts once.
 *
 * @throws AnalysisError `internal` when two partials overlap without one covering the other: they were cut from
 * guesses that have not been checked by `rescans`
 */
export function mergePartials(partials: readonly Partial[]): Partial {
  const largestFirst = [...partials].sort((a, b) => coveredBytes(b) - coveredBytes(a));
  const taken: Partial[] = [];
  let spans: readonly Span[] = [];
  for (const partial of largestFirst) {
    if (partial.spans.length === 0 || covers(spans, partial.spans)) continue;
    assertDisjoint(spans, partial.spans);
    taken.push(partial);
    spans = [...spans, ...partial.spans].sort((a, b) => a.from - b.from);
  }
  const two = partials.some(({ tallies }) => tallies.length === 2);
  return {
    spans: coalesce(spans),
    rowsRead: taken.reduce((sum, partial) => sum + partial.rowsRead, 0),
    withSpend: partials.some((partial) => partial.withSpend),
    tallies: two
      ? [mergeTallies(taken, 0, spans), mergeTallies(taken, 1, spans)]
      : [mergeTallies(taken, 0, spans)],
    percentSeen: taken.some((partial) => partial.percentSeen),
  };
}

function coveredBytes({ spans }: Partial): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}

function covers(spans: readonly Span[], others: readonly Span[]): boolean {
  const whole = coalesce(spans);
  return others.every((other) => whole.some((span) => span.from <= other.from && other.to <= span.to));
}

function assertDisjoint(spans: readonly Span[], others: readonly Span[]): void {
  for (const other of others) {
    if (spans.some((span) => span.from < other.to && other.from < span.to)) {
      throw new AnalysisError('internal', `Partials overlap at bytes ${other.from} to ${other.to}.`);
    }
  }
}

/** Joins adjacent spans. */
function coalesce(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last?.to === span.from)
      joined[joined.length - 1] = { from: last.from, to: span.to, lines: last.lines + span.lines };
    else joined.push(span);
  }
  return joined;
}

function mergeTallies(partials: readonly Partial[], which: 0 | 1, spans: readonly Span[]): Tally {
  const merged = new Tally();
  const samples: LocatedSample[] = [];
  for (const partial of partials) {
    const tally = partial.tallies[which];
    if (tally === undefined)
      throw new AnalysisError('internal', 'Partials of different inputs cannot be merged.');
    merged.table.addAll(tally.table);
    for (const [reason, count] of tally.rejections.reasons) {
      merged.rejections.reasons.set(reason, (merged.rejections.reasons.get(reason) ?? 0) + count);
    }
    samples.push(...tally.rejections.samples);
  }
  merged.rejections.samples = firstSamples(samples, spans);
  return merged;
}

/** The first samples of every joined span, their lines counted from its start. */
function firstSamples(samples: readonly LocatedSample[], spans: readonly Span[]): LocatedSample[] {
  const ordered = [...samples].sort((a, b) => a.byteOffset - b.byteOffset);
  const joined = coalesce(spans);
  const first: LocatedSample[] = [];
  for (const whole of joined) {
    let room = MAX_SAMPLES;
    for (const sample of ordered) {
      if (room === 0 || sample.byteOffset < whole.from || sample.byteOffset >= whole.to) continue;
      first.push({ ...sample, line: sample.line + linesBefore(sample.byteOffset, whole, spans) });
      room--;
    }
  }
  return first;
}

/** Line breaks from the start of a joined span to the start of the span within it that holds `offset`. */
function linesBefore(offset: number, whole: Span, spans: readonly Span[]): number {
  let lines = 0;
  for (const span of spans) if (span.from >= whole.from && span.to <= offset) lines += span.lines;
  return lines;
}
