/**
 * The speed of the analysis after the scan, one thread: `node bench/analysis.ts`. Figures are CPU seconds of the whole
 * process, garbage collection and compilation included, so another load on the machine matters little.
 */
import { analyze } from '../lambdas/domain/analysis.ts';
import { metricSeries } from '../lambdas/domain/assess/series.ts';
import { windowDistances } from '../lambdas/domain/detect/distances.ts';
import { DETECTORS, type DetectorName, resolveParameters } from '../lambdas/domain/parameters.ts';
import { documentPieces } from '../lambdas/domain/report/serialize.ts';
import type { ItemDays } from '../lambdas/domain/totals/item-days.ts';
import { type BenchRow, printRows } from './row.ts';

const CREATIVES = 5000;
const DAYS = 365;
const FIRST_DAY = 20_089;
const ROUNDS = 3;
const SEED = 20_250_303;

/** CPU seconds a whole analysis may take. */
const ANALYSIS_LIMITS: Readonly<Record<DetectorName, number>> = { level: 6, shape: 1.5 };

/** Rows of the analysis benchmark: both detectors on both metrics, window distances, and writing the document. */
export function analysisBench(): BenchRow[] {
  const items = Array.from({ length: CREATIVES }, (_, index) => creative(index));
  const analyses = DETECTORS.map((detector) => {
    const seconds = medianOf(ROUNDS, () => analyzeAll(items, detector));
    const limit = ANALYSIS_LIMITS[detector];
    const name = `analysis of ${CREATIVES} creatives × ${DAYS} days, both metrics, ${detector}`;
    return { name, value: seconds, unit: 'CPU s', target: `≤ ${limit}`, met: seconds <= limit };
  });
  return [...analyses, distanceRow(items), documentRow(items)];
}

function analyzeAll(items: readonly ItemDays[], detector: DetectorName) {
  const rows = { read: CREATIVES * DAYS, rejected: 0, reasons: {}, samples: [] };
  return analyze({ items, rows, currency: 'GBP', parameters: resolveParameters({ detector }) });
}

function distanceRow(items: readonly ItemDays[]): BenchRow {
  const series = items.map((item) => metricSeries(item, 'ctr'));
  const settings = { windowSize: 7, signatureDepth: 4 };
  const windows = series.reduce((sum, { days }) => sum + days.length - settings.windowSize + 1, 0);
  const seconds = medianOf(5 * ROUNDS, () => {
    for (const one of series) windowDistances(one, settings);
  });
  const value = (seconds / windows) * 1e9;
  const name = 'window distance: log-signature, normalisation and step, window 7, (2,4)';
  return { name, value, unit: 'CPU ns' };
}

function documentRow(items: readonly ItemDays[]): BenchRow {
  const document = analyzeAll(items, 'level');
  let characters = 0;
  const seconds = medianOf(ROUNDS, () => {
    characters = 0;
    for (const piece of documentPieces(document)) characters += piece.length;
  });
  return { name: `JSON of it, ${Math.round(characters / 1e6)} MB`, value: seconds, unit: 'CPU s' };
}

/** CPU seconds of a run: the median of some rounds, the first of which compiles. */
function medianOf(rounds: number, run: () => unknown): number {
  const seconds = Array.from({ length: rounds }, () => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  return seconds.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
}

/** Uniform numbers in [0, 1): the mulberry32 generator. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A year of one creative: weekly season, noise, and for half of them a lasting fall of the CTR. */
function creative(index: number): ItemDays {
  const random = uniform(SEED + index);
  const between = (low: number, high: number) => low + (high - low) * random();
  const volume = Math.exp(between(6, 11));
  const rate = Math.exp(between(-5.5, -3));
  const centsPerImpression = between(0.2, 1.5);
  const fallDay = random() < 0.5 ? Math.floor(between(40, DAYS)) : DAYS;
  const left = between(0.4, 0.9);
  const days = Int32Array.from({ length: DAYS }, (_, day) => FIRST_DAY + day);
  const impressions = Float64Array.from(days, (_, day) =>
    Math.ceil(volume * (day % 7 < 5 ? 1 : 0.7) * between(0.7, 1.3)),
  );
  const clicks = impressions.map((shown, day) => {
    const expected = shown * rate * (day < fallDay ? 1 : left) * between(0.9, 1.1);
    return Math.min(shown, Math.max(0, Math.round(expected + Math.sqrt(expected) * between(-1.7, 1.7))));
  });
  const spendMicros = impressions.map(
    (shown) => Math.round(shown * centsPerImpression * between(0.9, 1.1)) * 10_000,
  );
  return { id: `creative ${index}`, days, impressions, clicks, spendMicros };
}

if (import.meta.main) printRows('Analysis', analysisBench());
