/**
 * Daily totals of one item (analysis spec §2), as parallel columns in strictly increasing day order.
 * All figures are exact integers below 2^53.
 */
export interface ItemDays {
  readonly id: string;
  /** Days since 1970-01-01 (UTC). */
  readonly days: Int32Array;
  readonly impressions: Float64Array;
  readonly clicks: Float64Array;
  /** Millionths of a currency unit; null when the dataset has no spend column. */
  readonly spendMicros: Float64Array | null;
}
