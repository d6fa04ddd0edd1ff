import type { AnalysisDocument, ItemResult } from '../../lambdas/domain/report/document.ts';
import { isAnalysed, type Since, worseSince } from '../../lambdas/domain/report/since.ts';
import { count, day, money, sameYear, score } from '../format.ts';
import type { Paint } from '../terminal/style.ts';
import { type Cell, type Column, tableLines } from '../terminal/table.ts';
import { harmless } from '../terminal/text.ts';
import { STATUS_WORDS } from './status.ts';

/** Columns of a terminal below which the sparkline is left out, and below which it has half its cells. */
const WIDTH_FOR_SPARKLINE = 96;
const WIDTH_FOR_FULL_SPARKLINE = 112;

/** How many cells the CTR column has on a terminal of this width; 0 leaves the column out. */
export function sparklineCells(width: number): number {
  if (width >= WIDTH_FOR_FULL_SPARKLINE) return 16;
  return width >= WIDTH_FOR_SPARKLINE ? 8 : 0;
}

/** The creatives that were analysed, in the order of the document: worst first. */
export function rankedItems({ items }: AnalysisDocument): ItemResult[] {
  return items.filter(
    ({ metrics }) => isAnalysed(metrics.ctr) || (metrics.cpc !== null && isAnalysed(metrics.cpc)),
  );
}

export interface RankingView {
  /** How many creatives to show. */
  readonly top: number;
  /** Columns available; `Infinity` where nothing limits them. */
  readonly width: number;
  /** CTR sparklines by creative; missing ones leave their cell empty, an empty map the column. */
  readonly sparklines: ReadonlyMap<string, string>;
  /** What shows the creatives that are left out; `--top` with their number, unless given. */
  readonly all?: string;
  readonly paint: Paint;
}

/** The ranked table for people, and a line that says how many creatives it leaves out. */
export function rankingLines(document: AnalysisDocument, view: RankingView): string[] {
  const { paint, sparklines } = view;
  const ranked = rankedItems(document);
  if (ranked.length === 0) return [];
  const shown = ranked.slice(0, view.top);
  const { from, to } = document.totals;
  const withYear = from !== null && to !== null && !sameYear(from, to);
  const columns: Column[] = [
    { heading: 'RISK', align: 'right' },
    { heading: 'STATUS', align: 'left' },
    { heading: 'HEALTH', align: 'right' },
    { heading: 'OVERSPEND', align: 'right' },
    { heading: 'LOST CLICKS', align: 'right' },
    { heading: 'SINCE', align: 'left' },
    ...(sparklines.size > 0 ? [{ heading: 'CTR', align: 'left' } as const] : []),
    { heading: 'CREATIVE', align: 'left' },
  ];
  const rows = shown.map((item): Cell[] => {
    const { id, verdict, impact } = item;
    const status = STATUS_WORDS[verdict.fatigueStatus];
    const sparkline = { text: sparklines.get(id) ?? '', paint: (text: string) => paint('cyan', text) };
    return [
      { text: score(verdict.riskScore) },
      { text: `${status.glyph} ${status.short}`, paint: (text) => paint(status.styles, text) },
      { text: score(verdict.healthScore) },
      { text: money(impact.actualOverspend, document.currency) },
      { text: count(impact.engagementGapClicks) },
      { text: sinceText(worseSince(item), withYear) },
      ...(sparklines.size > 0 ? [sparkline] : []),
      { text: harmless(id) },
    ];
  });
  const more = ranked.length - shown.length;
  const rest =
    more > 0 ? [paint('dim', `${count(more)} more; ${view.all ?? `--top ${ranked.length}`} shows all`)] : [];
  const table = tableLines(columns, rows, view.width, (text) => paint('bold', text));
  return [...(rows.length > 0 ? table : []), ...rest];
}

function sinceText(since: Since | null, withYear: boolean): string {
  if (since === null) return '–';
  return since.metric === 'ctr' ? day(since.day, withYear) : `${day(since.day, withYear)} cpc`;
}

/** The ranking for programs: tab-separated, full figures, an empty field where there is none. */
export function plainLines(document: AnalysisDocument, top: number): string[] {
  const headings = [
    'risk',
    'status',
    'health',
    'overspend',
    'lost_clicks',
    'since',
    'since_metric',
    'creative',
  ];
  const rows = rankedItems(document)
    .slice(0, top)
    .map((item) => {
      const since = worseSince(item);
      return [
        item.verdict.riskScore,
        item.verdict.fatigueStatus,
        item.verdict.healthScore,
        item.impact.actualOverspend,
        item.impact.engagementGapClicks,
        since?.day,
        since?.metric,
        harmless(item.id),
      ];
    });
  return [headings, ...rows].map((row) => row.map((field) => field ?? '').join('\t'));
}
