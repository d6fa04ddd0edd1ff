import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { CREATIVES, DAYS } from '../../sample/creatives.ts';
import { EVENT_KINDS } from '../../sample/events.ts';
import { sampleCsv, type TrueEvent, trueEvents } from '../../sample/export.ts';
import { trueEventsSchema } from '../../sample/score.ts';

const csv = sampleCsv();
const [header = [], ...records] = parse(csv, { bom: true, relax_column_count: true });
const events = trueEvents();
const committed = new URL('../../sample/creative-export.csv.gz', import.meta.url);

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const dayNumber = (day: string) => Date.parse(day) / 86_400_000;

interface Totals {
  impressions: number;
  clicks: number;
  spend: number;
}

/** Sound rows only, by creative and day: what an independent reader gets out of the text. */
const daily = new Map<string, Map<number, Totals>>();
const refused: string[][] = [];
for (const record of records) {
  const [name = '', day = '', , , impressions = '', clicks = '', spend = ''] = record;
  const sound =
    record.length === header.length &&
    name !== '' &&
    /^2025-\d\d-\d\d$/.test(day) &&
    new Date(Date.parse(day)).toISOString().startsWith(day) &&
    /^\d+$/.test(impressions) &&
    /^\d+$/.test(clicks) &&
    /^\d+\.\d\d$/.test(spend) &&
    Number(clicks) <= Number(impressions);
  if (!sound) {
    refused.push(record);
    continue;
  }
  const days = daily.get(name) ?? new Map<number, Totals>();
  daily.set(name, days);
  const totals = days.get(dayNumber(day)) ?? { impressions: 0, clicks: 0, spend: 0 };
  days.set(dayNumber(day), totals);
  totals.impressions += Number(impressions);
  totals.clicks += Number(clicks);
  totals.spend += Number(spend);
}

interface Rate {
  readonly value: number;
  readonly clicks: number;
}

/** The ratio of sums of the event's metric over the days [from, to). */
function rate(event: TrueEvent, from: number, to: number): Rate {
  const sum = { impressions: 0, clicks: 0, spend: 0 };
  for (const [day, totals] of daily.get(event.creative) ?? []) {
    if (day < from || day >= to) continue;
    sum.impressions += totals.impressions;
    sum.clicks += totals.clicks;
    sum.spend += totals.spend;
  }
  const value = event.metric === 'ctr' ? sum.clicks / sum.impressions : sum.spend / sum.clicks;
  return { value, clicks: sum.clicks };
}

/** How far two rates are from the expected relative change, in units of what chance explains at most. */
function surprise(before: Rate, after: Rate, magnitude: number): number {
  const chance = 0.06 + 3 * Math.sqrt(1 / before.clicks + 1 / after.clicks);
  return Math.abs(after.value / before.value / (1 + magnitude) - 1) / chance;
}

describe('the sample export', () => {
  it('is the one in the repository, with its list of events', () => {
    const stored = gunzipSync(readFileSync(committed)).toString('utf8');
    expect(sha256(stored)).toBe(sha256(csv));
    const list = readFileSync(new URL('../../sample/true-events.json', import.meta.url), 'utf8');
    expect(trueEventsSchema.parse(JSON.parse(list))).toEqual(events);
  });

  it('stays small enough to live in the repository', () => {
    expect(readFileSync(committed).length).toBeLessThan(2_000_000);
  });

  it('has the columns of an ads manager', () => {
    expect(header.join('|')).toBe(
      'Ad name|Day|Platform|Campaign name|Impressions|Link clicks|Amount spent (GBP)|CTR (link click-through rate)',
    );
  });

  it('holds every creative under its own name, through quotes, commas and line breaks', () => {
    const wanted = Object.values(CREATIVES).reduce((sum, count) => sum + count, 0);
    expect(daily.size).toBe(wanted);
    const names = [...daily.keys()];
    for (const sign of [',', '"', '\n', '春', 'ع', 'я', '🔥', '\u0301']) {
      expect(names.filter((name) => name.includes(sign))).not.toEqual([]);
    }
    expect(new Set(names.map((name) => name.normalize('NFC'))).size).toBe(wanted - 1);
  });

  it('breaks under 1 % of the rows, in every way it says', () => {
    expect(refused.length / records.length).toBeLessThan(0.01);
    expect(refused).toHaveLength(61);
    expect(refused[0]?.slice(0, 4)).toEqual(['', '', '', '']);
    const broken = refused.slice(1);
    expect(broken.filter((cells) => cells.length === header.length + 1)).toHaveLength(7);
    expect(broken.filter((cells) => cells[1]?.includes('/'))).toHaveLength(8);
    expect(broken.filter((cells) => cells[1] === '2025-02-30')).toHaveLength(8);
    expect(broken.filter((cells) => cells[4] === '')).toHaveLength(8);
    expect(broken.filter((cells) => cells[4] === '1,204')).toHaveLength(8);
    expect(broken.filter((cells) => cells[5] === '-1')).toHaveLength(7);
    expect(broken.filter((cells) => cells[6]?.startsWith('£'))).toHaveLength(7);
    expect(
      broken.filter((cells) => Number(cells[5]) > Number(cells[4]?.replace(',', '') || Infinity)),
    ).toHaveLength(7);
  });

  it('leaves the too short and too sparse ones unfit for analysis, and no others', () => {
    const unfit = [...daily.values()].filter((days) => {
      const numbers = [...days.keys()].sort((a, b) => a - b);
      const gap = Math.max(...numbers.slice(1).map((day, i) => day - (numbers[i] ?? 0)));
      return numbers.length < 30 || gap > 7;
    });
    expect(unfit).toHaveLength(CREATIVES.short + CREATIVES.sparse);
  });

  it('covers the whole period on several platforms, with pauses', () => {
    const days = [...daily.values()].flatMap((own) => [...own.keys()]);
    expect(days.reduce((a, b) => Math.max(a, b)) - days.reduce((a, b) => Math.min(a, b))).toBe(DAYS - 1);
    expect(new Set(records.slice(1).map((cells) => cells[2]))).toEqual(
      new Set(['facebook', 'instagram', 'audience_network', 'messenger']),
    );
    const paused = [...daily.values()].filter((own) => {
      const numbers = [...own.keys()].sort((a, b) => a - b);
      return numbers.some((day, i) => i > 0 && day - (numbers[i - 1] ?? 0) > 1);
    });
    expect(paused.length).toBeGreaterThan(30);
  });
});

describe('the planted events', () => {
  it('are of every kind, as often as said', () => {
    for (const kind of EVENT_KINDS) {
      expect(events.filter((event) => event.kind === kind)).toHaveLength(CREATIVES[kind]);
    }
  });

  it.each(events.map((event) => [event.kind, event.creative, event] as const))(
    'really happen: %s in %s',
    (_, __, event) => {
      const onset = dayNumber(event.onsetDay);
      const end = event.endDay === undefined ? onset - 1 : dayNumber(event.endDay);
      const before = rate(event, onset - 28, onset);
      const later = event.kind === 'wear_out' ? onset + 30 : end + 1;
      if (event.kind === 'drop_recover') {
        expect(surprise(before, rate(event, onset, end + 1), event.magnitude)).toBeLessThan(1);
        expect(surprise(before, rate(event, later, later + 28), 0)).toBeLessThan(1);
      } else {
        expect(surprise(before, rate(event, later, later + 28), event.magnitude)).toBeLessThan(1);
      }
    },
  );

  it('start on a delivered day and leave room on both sides', () => {
    for (const event of events) {
      const days = [...(daily.get(event.creative)?.keys() ?? [])];
      const onset = dayNumber(event.onsetDay);
      expect(days).toContain(onset);
      expect(onset - Math.min(...days)).toBeGreaterThanOrEqual(21);
      const complete = event.endDay === undefined ? onset : dayNumber(event.endDay);
      expect(Math.max(...days) - complete).toBeGreaterThanOrEqual(14);
    }
  });
});
