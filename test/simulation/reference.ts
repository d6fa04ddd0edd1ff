import { analyze } from '../../lambdas/domain/analysis.ts';
import { readDataset } from '../../lambdas/domain/input/dataset.ts';
import { resolveParameters } from '../../lambdas/domain/parameters.ts';
import { reportCsv } from '../../lambdas/domain/report/report-csv.ts';
import { serializeDocument } from '../../lambdas/domain/report/serialize.ts';
import type { Scenario } from './datasets.ts';

/** What the engine writes for a file that one process reads from start to end. */
export async function reference({
  bytes,
  hints,
  parameters,
}: Scenario): Promise<{ json: string; csv: string }> {
  const { items, rows, currency } = await readDataset(once(bytes), hints);
  const document = analyze({ items, rows, currency, parameters: resolveParameters(parameters) });
  return { json: serializeDocument(document), csv: reportCsv(document) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
