import { drawCreatives, SEED } from './creatives.ts';
import type { EventKind } from './events.ts';
import { Random } from './random.ts';

const HEADER = [
  'Ad name',
  'Day',
  'Platform',
  'Campaign name',
  'Impressions',
  'Link clicks',
  'Amount spent (GBP)',
  'CTR (link click-through rate)',
] as const;

/** 2025-01-06, a Monday. */
const FIRST_DAY = Date.UTC(2025, 0, 6);
const BAD_ROWS = 60;

/** A change that was planted in the sample, as `true-events.json` lists it. */
export interface TrueEvent {
  readonly creative: string;
  readonly kind: EventKind;
  readonly metric: 'ctr' | 'cpc';
  /** First delivered day on which the metric is touched. */
  readonly onsetDay: string;
  /** Last day of a gradual fall, or of the low period of `drop_recover`. */
  readonly endDay?: string;
  /** Relative change of the metric once complete. */
  readonly magnitude: number;
}

/**
 * The whole export as text: byte order mark, header, a totals row as ads managers put there, then one row per day,
 * creative and platform, some of them broken on purpose.
 */
export function sampleCsv(): string {
  const rows: { readonly day: number; readonly cells: string[] }[] = [];
  const sum = { impressions: 0, clicks: 0, pence: 0 };
  for (const { name, campaign, rows: delivered } of drawCreatives()) {
    for (const { day, platform, impressions, clicks, spendPence } of delivered) {
      sum.impressions += impressions;
      sum.clicks += clicks;
      sum.pence += spendPence;
      const figures = [
        String(impressions),
        String(clicks),
        pounds(spendPence),
        percentage(clicks, impressions),
      ];
      rows.push({ day, cells: [name, isoDay(day), platform, campaign, ...figures] });
    }
  }
  rows.sort((left, right) => left.day - right.day);
  breakSome(rows.map((row) => row.cells));
  const totals = ['', '', '', '', String(sum.impressions), String(sum.clicks), pounds(sum.pence), ''];
  return `\uFEFF${[HEADER, totals, ...rows.map((row) => row.cells)].map(csvLine).join('')}`;
}

/** What was planted, by creative name. */
export function trueEvents(): TrueEvent[] {
  return drawCreatives()
    .flatMap(({ name, event, rows }) => {
      if (event === null) return [];
      const onset = rows.find((row) => row.day >= event.onset);
      if (onset === undefined) throw new Error(`the event of ${name} lies after its last day`);
      const end = event.end === null ? {} : { endDay: isoDay(event.end) };
      return [
        {
          creative: name,
          kind: event.kind,
          metric: event.metric,
          onsetDay: isoDay(onset.day),
          ...end,
          magnitude: event.magnitude,
        },
      ];
    })
    .sort((left, right) => (left.creative < right.creative ? -1 : 1));
}

/** Breaks a few rows in the ways exports and hands break them; readers must refuse each, not repair it. */
function breakSome(rows: readonly string[][]): void {
  const random = Random.seeded(SEED, -1);
  const day = HEADER.indexOf('Day');
  const impressions = HEADER.indexOf('Impressions');
  const clicks = HEADER.indexOf('Link clicks');
  const spend = HEADER.indexOf('Amount spent (GBP)');
  const faults: readonly ((cells: string[]) => void)[] = [
    (cells) => cells.splice(day, 1, (cells[day] ?? '').split('-').reverse().join('/')),
    (cells) => cells.splice(day, 1, '2025-02-30'),
    (cells) => cells.splice(impressions, 1, ''),
    (cells) => cells.splice(impressions, 1, '1,204'),
    (cells) => cells.splice(clicks, 1, String(Number(cells[impressions]) + 7)),
    (cells) => cells.splice(clicks, 1, '-1'),
    (cells) => cells.splice(spend, 1, `£${cells[spend]}`),
    (cells) => cells.push('(modified)'),
  ];
  const broken = new Set<number>();
  while (broken.size < BAD_ROWS) {
    const at = random.integer(0, rows.length - 1);
    const cells = rows[at];
    if (cells === undefined || broken.has(at)) continue;
    faults[broken.size % faults.length]?.(cells);
    broken.add(at);
  }
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`;
}

function isoDay(day: number): string {
  return new Date(FIRST_DAY + day * 86_400_000).toISOString().slice(0, 10);
}

function pounds(pence: number): string {
  return `${Math.floor(pence / 100)}.${String(pence % 100).padStart(2, '0')}`;
}

/** Clicks per hundred impressions, rounded to two places as exports round it; empty without impressions. */
function percentage(clicks: number, impressions: number): string {
  return impressions === 0 ? '' : pounds(Math.round((clicks * 10_000) / impressions));
}
