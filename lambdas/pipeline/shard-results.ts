import { AnalysisError } from '../domain/errors.ts';
import type { AnalyzedItem } from '../domain/report/build-document.ts';
import type { AnalysedMetric, ItemResult, MetricResult } from '../domain/report/document.ts';

/** Content type of objects of JSON lines. */
export const RESULTS_TYPE = 'application/x-ndjson';

const RESULT_MARK = ',"result":';
const LF = 10;

/** An analysed item as one line of JSON. The published result stands last, so that a report takes its text as it is. */
export function resultLine({ result, spendMicros, wearOutPValue }: AnalyzedItem): Uint8Array {
  const head = JSON.stringify({ spendMicros, wearOutPValue }).slice(0, -1);
  return Buffer.from(`${head}${RESULT_MARK}${JSON.stringify(result)}}\n`);
}

/** The lines of a text in UTF-8, without their ends. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let to = chunk.indexOf(LF); to >= 0; to = chunk.indexOf(LF, from)) {
      rest.push(chunk.subarray(from, to));
      yield Buffer.concat(rest).toString();
      rest = [];
      from = to + 1;
    }
    if (from < chunk.length) rest.push(chunk.slice(from));
  }
  if (rest.length > 0) throw new AnalysisError('internal', 'The results of a shard are cut off.');
}

export function parseLine(line: string): AnalyzedItem {
  const { result, spendMicros, wearOutPValue }: AnalyzedItem = JSON.parse(line);
  return { result, spendMicros, wearOutPValue };
}

/** The text of the published result in a line. @throws AnalysisError `internal` when it is not the item's line */
export function resultText(line: string, id: string): string {
  const from = line.indexOf(RESULT_MARK) + RESULT_MARK.length;
  if (!line.startsWith(`{"id":${JSON.stringify(id)},`, from)) {
    throw new AnalysisError('internal', `The results of a shard are not in order at "${id}".`);
  }
  return line.slice(from, -1);
}

/** What a metric's place in the order and the totals needs of it: that it was analysed. */
const ANALYSED: AnalysedMetric = {
  n: 0,
  distances: { mean: null, sd: null, threshold: null, max: null },
  statistic: { name: '', limit: null, start: 0, values: [] },
  changePoints: [],
  segments: [],
  benchmark: null,
  benchmarkReason: null,
};
const NO_CORRELATION = { r: null, n: 0, inverse: false };

/** A result with no more than the order of items and the totals of the dataset need: some hundred bytes in memory. */
export function summaryOf({ id, totals, metrics: { ctr, cpc }, impact, verdict }: ItemResult): ItemResult {
  const seen = (metric: MetricResult) => ('excluded' in metric ? metric : ANALYSED);
  return {
    id,
    totals,
    metrics: { ctr: seen(ctr), cpc: cpc === null ? null : seen(cpc) },
    impact: { ...impact, correlation: NO_CORRELATION },
    verdict: { ...verdict, rationale: '' },
  };
}
