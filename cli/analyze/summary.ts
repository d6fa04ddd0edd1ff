import type { AnalysisDocument, ExclusionReason } from '../../lambdas/domain/report/document.ts';
import { isAnalysed } from '../../lambdas/domain/report/since.ts';
import { count, counted, money, percent, period } from '../format.ts';
import type { Paint } from '../terminal/style.ts';
import { harmless } from '../terminal/text.ts';
import { rankedItems } from './ranking.ts';
import { STATUS_WORDS, STATUSES_BY_SEVERITY } from './status.ts';

const SEPARATOR = '   ';

const EXCLUSION_WORDS: Readonly<Record<ExclusionReason, string>> = {
  no_data: 'without data',
  too_few_days: 'too few days',
  gap_too_long: 'gap too long',
  too_sparse: 'too sparse',
};

/** The lines above the ranking: what was read, how many creatives are in which state, what it cost. */
export function summaryLines(name: string, document: AnalysisDocument, paint: Paint): string[] {
  return [
    scopeLine(name, document, paint),
    ...statusLine(document, paint),
    costLine(document),
    ...discoveryLine(document),
  ];
}

function scopeLine(name: string, { totals, rows }: AnalysisDocument, paint: Paint): string {
  const excluded = totals.excluded === 0 ? '' : `, ${count(totals.excluded)} excluded`;
  return [
    paint('bold', harmless(name)),
    `${counted(totals.analysed, 'creative')} analysed${excluded}`,
    totals.from === null || totals.to === null ? 'no days' : period(totals.from, totals.to),
    `${counted(rows.read, 'row')}, ${count(rows.rejected)} rejected`,
  ].join(SEPARATOR);
}

function statusLine(document: AnalysisDocument, paint: Paint): string[] {
  const ranked = rankedItems(document);
  const counts = STATUSES_BY_SEVERITY.map((status) => {
    const { glyph, long, styles } = STATUS_WORDS[status];
    const holding = ranked.filter(({ verdict }) => verdict.fatigueStatus === status).length;
    return `${paint(styles, glyph)} ${count(holding)} ${long}`;
  });
  return [...(ranked.length > 0 ? [counts.join(SEPARATOR)] : []), ...exclusionLine(document, paint)];
}

function exclusionLine({ items }: AnalysisDocument, paint: Paint): string[] {
  const reasons = new Map<ExclusionReason, number>();
  for (const { metrics } of items) {
    if (isAnalysed(metrics.ctr) || (metrics.cpc !== null && isAnalysed(metrics.cpc))) continue;
    const { reason } = metrics.ctr.excluded;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  if (reasons.size === 0) return [];
  const listed = [...reasons].map(([reason, items]) => `${count(items)} ${EXCLUSION_WORDS[reason]}`);
  return [paint('dim', `Excluded: ${listed.join(', ')}`)];
}

function costLine({ totals, currency }: AnalysisDocument): string {
  const { actualOverspend, engagementGapClicks, spend } = totals;
  const share = actualOverspend !== null && spend ? ` (${percent(actualOverspend / spend)})` : '';
  const overspend =
    spend === null ? 'no spend in this dataset' : `${money(actualOverspend, currency)}${share}`;
  return [
    `Overspend ${overspend}`,
    `Lost clicks ${count(engagementGapClicks)}`,
    '(two measures, not added)',
  ].join(SEPARATOR);
}

function discoveryLine({ discoveries }: AnalysisDocument): string[] {
  if (discoveries === undefined) return [];
  const { items, tested, falseDiscoveryRate } = discoveries;
  const rate = percent(falseDiscoveryRate);
  return [
    `At a false discovery rate of ${rate}: CTR fell in ${count(items.length)} of ${counted(tested, 'creative')}`,
  ];
}
