import { analyze } from '../../lambdas/domain/analysis.ts';
import { readDataset } from '../../lambdas/domain/input/dataset.ts';
import { resolveParameters } from '../../lambdas/domain/parameters.ts';
import { reportCsv } from '../../lambdas/domain/report/report-csv.ts';
import { serializeDocument } from '../../lambdas/domain/report/serialize.ts';
import type { ItemDays } from '../../lambdas/domain/totals/item-days.ts';
import type { Scenario } from './datasets.ts';

/** What the engine finds in a file that one process reads from start to end. */
export interface Reference {
  readonly json: string;
  readonly csv: string;
  /** Every item's result and daily totals, as JSON, by id. */
  readonly items: ReadonlyMap<string, { readonly result: string; readonly series: string }>;
}

export async function reference({ bytes, hints, parameters }: Scenario): Promise<Reference> {
  const dataset = await readDataset(once(bytes), hints);
  const { items, rows, currency } = dataset;
  const document = analyze({ items, rows, currency, parameters: resolveParameters(parameters) });
  const results = new Map(document.items.map((item) => [item.id, JSON.stringify(item)]));
  return {
    json: serializeDocument(document),
    csv: reportCsv(document),
    items: new Map(
      Array.from(items, (item) => [
        item.id,
        { result: results.get(item.id) ?? '', series: JSON.stringify(seriesOf(item)) },
      ]),
    ),
  };
}

function seriesOf({ id, days, impressions, clicks, spendMicros }: ItemDays) {
  return {
    id,
    days: [...days].map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10)),
    impressions: [...impressions],
    clicks: [...clicks],
    spendMicros: spendMicros === null ? null : [...spendMicros],
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
