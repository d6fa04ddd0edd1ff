import { gzipSync } from 'node:zlib';
import { analyze, parseParameters, readDataset, reportCsv, serializeDocument } from '../../lambdas/index.ts';
import { DEFAULT_SETTINGS, USUAL_COMPRESSION } from '../../lambdas/pipeline/settings.ts';

const HEADER = 'ad_name,day,impressions,link_clicks,amount_spent_gbp,note\n';
const DAYS = 104;
const SMALL_CREATIVES = 6;
const LARGE_CREATIVES = 40;
const TRAP_LINES = 3000;

const dayOf = (i: number) => new Date(Date.UTC(2025, 0, 1 + i)).toISOString().slice(0, 10);

/** A note that reads like rows of the file: a worker that begins inside of it cannot know better. */
const TRAP = `"\n${'Trap,2025-01-07,1000,20,3.50,n\n'.repeat(TRAP_LINES)}"`;

interface Shape {
  readonly creatives: number;
  /** Tells exports of one shape apart. */
  readonly seed: number;
  /** Bytes of each row's note, which nobody reads: they make a file large and its analysis no longer. */
  readonly noteBytes: number;
  /** Offset that shall lie in the middle of a note that looks like rows. */
  readonly trapAt?: number;
}

/** An export of some hundred rows, in which every third creative wears out. */
export function smallExport(seed = 0): Buffer {
  return csvExport({ creatives: SMALL_CREATIVES, seed, noteBytes: 1 });
}

/** A packed export, read as one stream, yet so large that its analysis is shared: it takes all three queues. */
export function packedExport(seed = 0): Buffer {
  const bytes = 1.05 * (DEFAULT_SETTINGS.shardBytes / USUAL_COMPRESSION);
  const rows = SMALL_CREATIVES * DAYS;
  const text = csvExport({ creatives: SMALL_CREATIVES, seed, noteBytes: Math.ceil(bytes / rows) });
  // Stored, not deflated: large for its packed size, and packed in no time.
  return gzipSync(text, { level: 0 });
}

/**
 * An export of several chunks, of which the second begins in the middle of a treacherous note. The analysis of three is
 * shared by two workers.
 */
export function largeExport(chunks: 2 | 3): Buffer {
  const { chunkBytes } = DEFAULT_SETTINGS;
  const noteBytes = Math.ceil(((chunks - 0.95) * chunkBytes) / (LARGE_CREATIVES * DAYS));
  return csvExport({ creatives: LARGE_CREATIVES, seed: 0, noteBytes, trapAt: chunkBytes });
}

function csvExport({ creatives, seed, noteBytes, trapAt = Number.POSITIVE_INFINITY }: Shape): Buffer {
  const plain = 'n'.repeat(noteBytes);
  const lines: Buffer[] = [Buffer.from(HEADER)];
  let bytes = HEADER.length;
  for (let row = 0, trapAhead = trapAt - TRAP.length / 2; row < creatives * DAYS; row++) {
    const isTrap = bytes + noteBytes > trapAhead;
    if (isTrap) trapAhead = Number.POSITIVE_INFINITY;
    const day = figures(row % creatives, Math.floor(row / creatives), seed);
    const line = Buffer.from(`${day},${isTrap ? TRAP : plain}\n`);
    lines.push(line);
    bytes += line.length;
  }
  return Buffer.concat(lines);
}

/** A day of a creative; every third one wears out in the middle of the period. */
function figures(creative: number, i: number, seed: number): string {
  const impressions = 9000 + ((creative * 131 + i * 37 + seed * 53) % 400);
  const clicks = Math.round(impressions * (creative % 3 === 0 && i > DAYS / 2 ? 0.011 : 0.031));
  const spend = (80 + ((i * 7 + creative + seed) % 13) / 4).toFixed(2);
  return `Creative ${creative},${dayOf(i)},${impressions},${clicks},${spend}`;
}

export interface Reports {
  /** `result.json`. */
  readonly json: string;
  /** `analysis_report.csv`. */
  readonly csv: string;
}

/** What the engine writes about a file that one process reads from start to end. */
export async function engineReports(file: Uint8Array): Promise<Reports> {
  const { items, rows, currency } = await readDataset(once(file));
  const document = analyze({ items, rows, currency, parameters: parseParameters({}) });
  return { json: serializeDocument(document), csv: reportCsv(document) };
}

async function* once(file: Uint8Array): AsyncGenerator<Uint8Array> {
  yield file;
}
