import { AnalysisError } from '../domain/errors.ts';
import type { AnalyzedItem } from '../domain/report/build-document.ts';
import { ENGINE_VERSION } from '../domain/version.ts';

/** Content type of objects of JSON lines. */
export const RESULTS_TYPE = 'application/x-ndjson';

const RESULT_MARK = ',"result":';
/** First in a line, so that a line need not be parsed to see whether the numbers are still made this way. */
const ENGINE = { engine: ENGINE_VERSION };
const ENGINE_MARK = JSON.stringify(ENGINE).slice(0, -1);
const LF = 10;

/** An analysed item as one line of JSON. The published result stands last, so that a report takes its text as it is. */
export function resultLine({ result, spendMicros, wearOutPValue }: AnalyzedItem): Uint8Array {
  const head = JSON.stringify({ ...ENGINE, spendMicros, wearOutPValue }).slice(0, -1);
  return Buffer.from(`${head}${RESULT_MARK}${JSON.stringify(result)}}\n`);
}

/** The lines of a text in UTF-8, without their ends. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let begun: Buffer | null = null;
  for await (const { buffer, byteOffset, length } of chunks) {
    const chunk = Buffer.from(buffer, byteOffset, length);
    let from = 0;
    for (let to = chunk.indexOf(LF); to >= 0; to = chunk.indexOf(LF, from)) {
      // Most lines lie in one chunk, where they are read without being copied.
      yield begun === null
        ? chunk.toString('utf8', from, to)
        : joined(begun, chunk.subarray(from, to)).toString();
      begun = null;
      from = to + 1;
    }
    if (from < length) begun = joined(begun, chunk.subarray(from));
  }
  if (begun !== null) throw new AnalysisError('internal', 'The results of a shard are cut off.');
}

function joined(first: Buffer | null, second: Buffer): Buffer {
  return Buffer.concat(first === null ? [second] : [first, second]);
}

export function parseLine(line: string): AnalyzedItem {
  const { result, spendMicros, wearOutPValue }: AnalyzedItem = JSON.parse(line);
  return { result, spendMicros, wearOutPValue };
}

/** Whether the same totals and parameters would give this line now. */
export function isOfThisEngine(line: string): boolean {
  return line.startsWith(`${ENGINE_MARK},`);
}

/** The text of the published result in a line. */
export function resultText(line: string): string {
  return line.slice(line.indexOf(RESULT_MARK) + RESULT_MARK.length, -1);
}
