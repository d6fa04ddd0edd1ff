import { type ByteRange, type RangeOutcome, rescans } from '../csv/ranges.ts';

/** How a file is cut: chunk `i` is `[i · chunkBytes, (i + 1) · chunkBytes)`, the last one shorter. */
export interface Cut {
  readonly bytes: number;
  readonly chunkBytes: number;
  readonly chunks: number;
  /** Offset of the first byte behind the header. */
  readonly dataStart: number;
}

/** A chunk to be scanned; `first` is where its first record starts, when that is known. */
export interface ChunkTask {
  readonly chunk: number;
  readonly first: number | null;
}

/** What one round found, by chunk. */
export type RoundOutcomes = ReadonlyMap<number, Pick<RangeOutcome, 'first' | 'next'>>;

export function chunkRange({ bytes, chunkBytes }: Omit<Cut, 'dataStart'>, chunk: number): ByteRange {
  return { start: chunk * chunkBytes, end: Math.min((chunk + 1) * chunkBytes, bytes) };
}

/**
 * The tasks of the round that follows the given complete ones. Round 0 scans every chunk from a guess; each later round
 * scans again those that `rescans` finds wrong. It follows from the outcomes alone, so every worker that asks gets the
 * same tasks. No tasks: the scan is done.
 */
export function roundTasks(cut: Cut, rounds: readonly RoundOutcomes[]): ChunkTask[] {
  if (rounds.length === 0) return Array.from({ length: cut.chunks }, (_, chunk) => ({ chunk, first: null }));
  return rescans(latestOutcomes(cut, rounds), cut.dataStart).map(({ start, first }) => ({
    chunk: start / cut.chunkBytes,
    first,
  }));
}

/** What is known of every chunk after the given complete rounds: the latest scan of it. */
export function latestOutcomes(cut: Cut, rounds: readonly RoundOutcomes[]): RangeOutcome[] {
  return Array.from({ length: cut.chunks }, (_, chunk) => {
    const latest = rounds.findLast((round) => round.has(chunk))?.get(chunk);
    return { ...chunkRange(cut, chunk), first: latest?.first ?? null, next: latest?.next ?? null };
  });
}
