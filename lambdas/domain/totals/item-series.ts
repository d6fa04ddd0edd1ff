/** Daily totals of one item as they are written down: parallel columns, days as `YYYY-MM-DD` in increasing order. */
export interface ItemSeries {
  readonly id: string;
  readonly days: readonly string[];
  readonly impressions: readonly number[];
  readonly clicks: readonly number[];
  /** Millionths of a currency unit, so that every figure is exact; null without a spend column. */
  readonly spendMicros: readonly number[] | null;
}
