import type { ImpactScope } from '../parameters.ts';
import type { Impact } from '../report/document.ts';
import type { Benchmarked } from './benchmark.ts';
import { roundHalfUp, shortfallOf } from './shortfall.ts';

/**
 * What being worse than the benchmark meant (analysis spec §8: the library's formulas; the net figures are ours). The
 * money follows CPC, the clicks follow CTR, and each is null where its metric has no benchmark. They are two views of
 * one decline and are never added.
 *
 * @param spendMicros the item's whole spend
 */
export function impactOf(
  spendMicros: number | null,
  { ctr, cpc }: { readonly ctr: Benchmarked | null; readonly cpc: Benchmarked | null },
  scope: ImpactScope,
): Omit<Impact, 'correlation'> {
  const gap = ctr === null ? null : engagementGap(ctr, scope);
  return {
    ...(cpc === null ? NO_OVERSPEND : overspend(cpc, scope, spendMicros ?? 0)),
    engagementGapClicks: gap === null ? null : gap.clicks,
    engagementGapClicksNet: gap === null ? null : gap.net,
    engagementGapReference: gap === null || cpc === null ? null : gap.clicks * cpc.benchmark.value,
  };
}

type Overspend = Pick<Impact, 'actualOverspend' | 'actualOverspendPct' | 'actualOverspendNet'>;

const NO_OVERSPEND: Overspend = { actualOverspend: null, actualOverspendPct: null, actualOverspendNet: null };

function overspend(cpc: Benchmarked, scope: ImpactScope, spendMicros: number): Overspend {
  const { positive, net } = shortfallOf(cpc, scope);
  const benchmarkClicks = cpc.benchmark.sums.clicks;
  const actualOverspend = Number(positive) / (benchmarkClicks * 1e6);
  return {
    actualOverspend,
    actualOverspendPct: spendMicros === 0 ? null : (actualOverspend / (spendMicros / 1e6)) * 100,
    actualOverspendNet: Number(net) / (benchmarkClicks * 1e6),
  };
}

function engagementGap(ctr: Benchmarked, scope: ImpactScope): { clicks: number; net: number } {
  const { positive, net } = shortfallOf(ctr, scope);
  const benchmarkImpressions = ctr.benchmark.sums.exposure;
  return {
    clicks: Number(roundHalfUp(positive, BigInt(benchmarkImpressions))),
    net: Number(net) / benchmarkImpressions,
  };
}
