import { benjaminiHochberg, wearOutPValue } from '../../lambdas/domain/detect/discoveries.ts';
import type { LabelledSeries } from './generate.ts';
import { Random } from './random.ts';

const CREATIVES = 1000;
const DATASETS = 40;

/** Share of the no-event series with p at most `level`; at most `level` when the p-value is valid. */
export function shareBelow(pValues: readonly number[], level: number): number {
  return pValues.filter((p) => p <= level).length / pValues.length;
}

export interface DiscoveryRates {
  /** Mean share of false discoveries among those made (0 where none were). */
  readonly falseDiscoveries: number;
  /** Share of the worn-out creatives discovered. */
  readonly power: number;
}

/**
 * Mean rates over datasets of 1,000 creatives, of which a share are worn out, drawn with replacement from p-values of
 * quiet and of worn-out series. `select` flags the discoveries among the p-values of a dataset.
 */
export function discoveryRates(
  quiet: readonly number[],
  worn: readonly number[],
  wornShare: number,
  select: (pValues: readonly number[]) => readonly boolean[],
  seed: number,
): DiscoveryRates {
  const wornCount = Math.round(wornShare * CREATIVES);
  const random = new Random(seed, 0);
  const pick = (from: readonly number[]) => from[random.integer(0, from.length - 1)] ?? 1;
  let falseShares = 0;
  let hits = 0;
  for (let dataset = 0; dataset < DATASETS; dataset++) {
    const pValues = Array.from({ length: CREATIVES }, (_, i) => pick(i < wornCount ? worn : quiet));
    const flags = select(pValues);
    const found = flags.filter((flag) => flag).length;
    const right = flags.slice(0, wornCount).filter((flag) => flag).length;
    falseShares += found === 0 ? 0 : (found - right) / found;
    hits += right;
  }
  return { falseDiscoveries: falseShares / DATASETS, power: hits / (DATASETS * wornCount) };
}

export const benjaminiHochbergAt =
  (q: number) =>
  (pValues: readonly number[]): boolean[] =>
    benjaminiHochberg(pValues, q);

export const uncorrectedAt =
  (level: number) =>
  (pValues: readonly number[]): boolean[] =>
    pValues.map((p) => p <= level);

/** p-values of the series without any event, and of those with a worse one. */
export function splitPValues(all: readonly LabelledSeries[]): { quiet: number[]; worn: number[] } {
  const pValues = (wanted: (labelled: LabelledSeries) => boolean) =>
    all.filter(wanted).map(({ series }) => wearOutPValue(series));
  return {
    quiet: pValues(({ events }) => events.length === 0),
    worn: pValues(({ events }) => events.some(({ direction }) => direction === 'worse')),
  };
}
