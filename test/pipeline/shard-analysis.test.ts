import { describe, expect, it } from 'vitest';
import { resolveParameters } from '../../lambdas/domain/parameters.ts';
import { TotalsTable } from '../../lambdas/domain/totals/table.ts';
import { type KnownResults, NOTHING_KNOWN } from '../../lambdas/pipeline/known-results.ts';
import { ShardAnalysis } from '../../lambdas/pipeline/shard-analysis.ts';
import { linesOf, parseLine } from '../../lambdas/pipeline/shard-results.ts';

const ITEMS = 40;
const DAYS = 60;

/** Creatives of which every third wears out, each on another day. */
function shard(): TotalsTable {
  const table = new TotalsTable();
  for (let i = 0; i < ITEMS; i++) {
    const item = table.item(`Creative ${i}`);
    for (let day = 0; day < DAYS; day++) {
      const rate = i % 3 === 0 && day > 20 + i / 2 ? 0.01 : 0.03;
      const impressions = 9000 + ((i * 131 + day * 37) % 400);
      table.add(item, 20_000 + day, impressions, Math.round(impressions * rate), 1_000_001 * (day + 1));
    }
  }
  return table;
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += Buffer.from(piece).toString();
  return text;
}

async function linesIn(pieces: AsyncIterable<Uint8Array>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(pieces)) lines.push(line);
  return lines;
}

describe('the analysis of a shard', () => {
  const parameters = resolveParameters({});

  it('says the same whether its results could be kept or not', async () => {
    const whole = new ShardAnalysis(shard(), true, parameters, NOTHING_KNOWN);
    const results = await textOf(whole.resultLines());
    const series = await textOf(whole.seriesLines());
    expect(results.split('\n')).toHaveLength(ITEMS + 1);
    for (const keptBytes of [0, 1, results.length / 3, results.length]) {
      const analysis = new ShardAnalysis(shard(), true, parameters, NOTHING_KNOWN, keptBytes);
      expect(await textOf(analysis.resultLines())).toBe(results);
      expect(await textOf(analysis.seriesLines())).toBe(series);
    }
  });

  it('takes results that are known, whatever room they leave', async () => {
    const results = await textOf(new ShardAnalysis(shard(), true, parameters, NOTHING_KNOWN).resultLines());
    const lines = results.split('\n').slice(0, -1);
    const known: KnownResults = new Map(
      lines
        .filter((_, i) => i % 2 === 0)
        .map((text) => {
          const line = Buffer.from(`${text} \n`);
          const item = parseLine(text);
          return [item.result.id, { item, line }];
        }),
    );
    const expected = lines.map((text, i) => `${text}${i % 2 === 0 ? ' ' : ''}\n`).join('');
    for (const keptBytes of [0, results.length / 2, 2 * results.length]) {
      const analysis = new ShardAnalysis(shard(), true, parameters, known, keptBytes);
      expect(await textOf(analysis.resultLines())).toBe(expected);
    }
  });

  it('gives results and series in one order, that of reports, and not that of ids', async () => {
    const analysis = new ShardAnalysis(shard(), true, parameters, NOTHING_KNOWN, 10_000);
    const results = (await linesIn(analysis.resultLines())).map((line) => parseLine(line).result);
    const series = (await linesIn(analysis.seriesLines())).map((line) => JSON.parse(line));
    const ids = results.map(({ id }) => id);
    expect(series.map(({ id }) => id)).toEqual(ids);
    expect(ids).not.toEqual([...ids].sort());
    const risks = results.map(({ verdict }) => verdict.riskScore ?? Number.NEGATIVE_INFINITY);
    expect(risks).toEqual([...risks].sort((a, b) => b - a));
  });

  it('keeps figures exact, and knows a dataset without spend', async () => {
    const table = new TotalsTable();
    const item = table.item('A "quoted"\nname 🎈');
    table.add(item, 0, Number.MAX_SAFE_INTEGER, 3, Number.MAX_SAFE_INTEGER);
    table.add(item, 1, 0, 0, 0);
    const [series] = await linesIn(new ShardAnalysis(table, true, parameters, NOTHING_KNOWN).seriesLines());
    expect(JSON.parse(series ?? '')).toEqual({
      id: 'A "quoted"\nname 🎈',
      days: ['1970-01-01', '1970-01-02'],
      impressions: [Number.MAX_SAFE_INTEGER, 0],
      clicks: [3, 0],
      spendMicros: [Number.MAX_SAFE_INTEGER, 0],
    });
    const [without] = await linesIn(new ShardAnalysis(table, false, parameters, NOTHING_KNOWN).seriesLines());
    expect(JSON.parse(without ?? '').spendMicros).toBeNull();
  });
});
