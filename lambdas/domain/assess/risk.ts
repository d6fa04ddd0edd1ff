import type { FatigueStatus, Impact } from '../report/document.ts';

/** What each status contributes to the risk, as a share of its weight. */
const STATUS_SHARE: Readonly<Record<FatigueStatus, number>> = {
  terminal_decline: 1,
  fatigued: 0.7,
  early_fatigue: 0.35,
  healthy: 0,
  unknown: 0,
};

/**
 * The parts of the risk score with their weights, which add up to 1 (the same table, with reasons, is in
 * `docs/verdict.md`). The last two grow as x / (x + half): `half` is where they reach one half of their weight.
 */
export const RISK_WEIGHTS = {
  status: { weight: 0.4 },
  replacement: { weight: 0.2 },
  /** Overspend as a share of the item's spend. */
  overspend: { weight: 0.2, half: 0.1 },
  /** Clicks missing at the benchmark CTR, per observed day. */
  lostClicks: { weight: 0.2, half: 20 },
} as const;

/**
 * The risk score of an item, in [0, 1], for ranking (analysis spec §9; ours). A figure that is absent adds nothing: the
 * score never rises for want of evidence.
 *
 * @param observedDays observations of the CTR series
 */
export function riskOf(
  verdict: { readonly fatigueStatus: FatigueStatus; readonly replacementRecommended: boolean },
  impact: Pick<Impact, 'actualOverspendPct' | 'engagementGapClicks'>,
  observedDays: number,
): number {
  const { status, replacement, overspend, lostClicks } = RISK_WEIGHTS;
  const overspendShare = (impact.actualOverspendPct ?? 0) / 100;
  const lostPerDay = (impact.engagementGapClicks ?? 0) / Math.max(1, observedDays);
  return (
    status.weight * STATUS_SHARE[verdict.fatigueStatus] +
    replacement.weight * (verdict.replacementRecommended ? 1 : 0) +
    overspend.weight * (overspendShare / (overspendShare + overspend.half)) +
    lostClicks.weight * (lostPerDay / (lostPerDay + lostClicks.half))
  );
}
