import { analyzeItem } from '../domain/analysis.ts';
import { AnalysisError } from '../domain/errors.ts';
import type { AnalysisParameters } from '../domain/parameters.ts';
import { compareItems, type Ranked } from '../domain/report/order.ts';
import type { TotalsTable } from '../domain/totals/table.ts';
import { seriesLine } from './item-series.ts';
import type { KnownResults } from './known-results.ts';
import { resultLine } from './shard-results.ts';

/** Bytes of lines of results that are kept until all are ranked. */
export const KEPT_BYTES = 3 << 24;

interface RankedItem extends Ranked {
  /** Null where there was no room for it. */
  readonly line: Uint8Array | null;
}

/**
 * The items of a shard, analysed, in the order of reports. That order is known only once all are analysed, and their
 * results may be much larger than their totals: as many as there is room for are kept until then, and the others are
 * analysed once more when it is their turn.
 */
export class ShardAnalysis {
  readonly #totals: TotalsTable;
  readonly #withSpend: boolean;
  readonly #parameters: AnalysisParameters;
  readonly #ranked: RankedItem[] = [];

  /**
   * @param known results that need not be computed; they take of the bytes that are kept
   * @throws AnalysisError as `analyzeItem` does
   */
  constructor(
    totals: TotalsTable,
    withSpend: boolean,
    parameters: AnalysisParameters,
    known: KnownResults,
    keptBytes: number = KEPT_BYTES,
  ) {
    this.#totals = totals;
    this.#withSpend = withSpend;
    this.#parameters = parameters;
    let room = keptBytes;
    for (const { line } of known.values()) room -= line.length;
    for (const item of totals.items(withSpend)) {
      const earlier = known.get(item.id);
      const { result, ...rest } = earlier?.item ?? analyzeItem(item, parameters);
      const { riskScore } = result.verdict;
      const computed = earlier === undefined && room > 0 ? resultLine({ result, ...rest }) : null;
      room -= computed?.length ?? 0;
      const line = earlier?.line ?? computed;
      this.#ranked.push({ id: item.id, verdict: { riskScore }, line });
    }
    this.#ranked.sort(compareItems);
  }

  get length(): number {
    return this.#ranked.length;
  }

  /** Every item's result as a line of JSON. */
  async *resultLines(): AsyncGenerator<Uint8Array> {
    const leftOut = this.#ranked.filter(({ line }) => line === null).map(({ id }) => id);
    const again = this.#totals.items(this.#withSpend, leftOut);
    for (const { id, line } of this.#ranked) {
      const item = line === null ? again.next().value : undefined;
      const text = item === undefined ? line : resultLine(analyzeItem(item, this.#parameters));
      if (text === null) throw new AnalysisError('internal', `The totals of "${id}" are gone.`);
      yield text;
    }
  }

  /** Every item's daily totals as a line of JSON, in the same order. */
  async *seriesLines(): AsyncGenerator<Uint8Array> {
    const ids = this.#ranked.map(({ id }) => id);
    for (const item of this.#totals.items(this.#withSpend, ids)) yield seriesLine(item);
  }
}
