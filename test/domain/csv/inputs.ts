import * as fc from 'fast-check';
import { planCsv } from '../../../lambdas/domain/csv/plan.ts';
import { type RangeScan, rescans, scanRange } from '../../../lambdas/domain/csv/ranges.ts';
import { memorySource } from '../../../lambdas/domain/input/byte-reader.ts';
import { mergePartials, type Partial } from '../../../lambdas/domain/totals/partial.ts';

/** Text that a guess could take for something else: rows inside quotes, quotes inside rows. */
const TREACHEROUS = [
  'Ad A',
  'Ad B',
  ' padded ',
  'comma, inside',
  'say ""hi""',
  'two\nlines',
  'two\r\nlines',
  'fake,2025-01-01,10,1,0.5\nfake,2025-01-02,10,1,0.5\n',
  '\n""\n',
  '日本語',
];

const quoted = fc.constantFrom(...TREACHEROUS).map((text) => `"${text}"`);
const plain = fc.constantFrom('Ad A', 'Ad B', ' Ad A', 'Ad C');
const day = fc.constantFrom(
  '2025-01-01',
  '2025-01-02',
  '"2025-01-03"',
  '20250104',
  '2025-01-05T23:00:00-02:00',
);
const number = fc.constantFrom('0', '7', '12', '"40"', '100', '1234567890123');
const spend = fc.constantFrom('0', '0.25', '12.5', '"3.000001"');
const goodRow = fc
  .tuple(fc.oneof(plain, quoted), day, number, fc.constantFrom('0', '1', '7'), spend)
  .map((fields) => fields.join(','));
const badRow = fc.constantFrom(
  '',
  'stray"quote,2025-01-01,10,1,1',
  '"never closed,2025-01-01,10,1,1',
  '"closed"early,2025-01-01,10,1,1',
  'too,few',
  'Ad A,2025-01-01,10,1,1,more',
  'Ad A,yesterday,10,1,1',
  'Ad A,2025-01-01,1,2,1',
  'Ad A,2025-01-01,-1,0,1',
  ',2025-01-01,10,1,1',
  '"\n',
);
const row = fc.oneof({ weight: 6, arbitrary: goodRow }, { weight: 1, arbitrary: badRow });

/** A small CSV of any shape: LF and CRLF, quoted line breaks, bad rows, stray quotes, with or without a last break. */
export const csv = fc
  .tuple(
    fc.constantFrom('', '\ufeff'),
    fc.array(fc.tuple(row, fc.constantFrom('\n', '\n', '\r\n')), { maxLength: 12 }),
    fc.boolean(),
  )
  .map(([mark, rows, cutLast]) => {
    const body = rows.map(([text, lineBreak]) => text + lineBreak).join('');
    return Buffer.from(
      `${mark}ad_name,day,impressions,clicks,spend\n${cutLast ? body.replace(/\r?\n$/, '') : body}`,
    );
  });

/** Scans an input in ranges that end at `cuts`; `firsts` forces the guesses of some of them. */
export async function scanCut(
  bytes: Uint8Array,
  cuts: readonly number[],
  firsts: readonly (number | null)[] = [],
): Promise<{ partials: Partial[]; rounds: number; rescanned: number }> {
  const source = memorySource(bytes);
  const { plan } = await planCsv(source.open(0));
  const edges = [...new Set([0, ...cuts.filter((cut) => cut > 0 && cut < bytes.length), bytes.length])].sort(
    (a, b) => a - b,
  );
  const scans: RangeScan[] = [];
  for (let i = 0; i + 1 < edges.length; i++) {
    const range = { start: edges[i] ?? 0, end: edges[i + 1] ?? 0 };
    scans.push(await scanRange(source, range, plan, firsts[i] ?? null));
  }
  let [rounds, rescanned] = [0, 0];
  for (;;) {
    const wrong = rescans(
      scans.map(({ outcome }) => outcome),
      plan.dataStart,
    );
    if (wrong.length === 0) return { partials: scans.map(({ partial }) => partial), rounds, rescanned };
    if (++rounds > scans.length) throw new Error('the chain of ranges does not settle');
    for (const { start, end, first } of wrong) {
      const at = scans.findIndex(({ outcome }) => outcome.start === start);
      scans[at] = await scanRange(source, { start, end }, plan, first);
      rescanned++;
    }
  }
}

/** The partial of a whole input, scanned from the start to the end. */
export async function scanWhole(bytes: Uint8Array): Promise<Partial> {
  return mergePartials((await scanCut(bytes, [])).partials);
}
