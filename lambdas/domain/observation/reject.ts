/** Why a row was rejected (analysis spec §1). The first reason that applies wins, in this order of checking. */
export const REJECT_REASONS = [
  'bad_quoting',
  'bad_utf8',
  'column_count',
  'missing_field',
  'bad_item',
  'bad_day',
  'bad_integer',
  'bad_decimal',
  'negative',
  'clicks_exceed_impressions',
] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];

/** One rejected row as reports show it. */
export interface RejectSample {
  /** Physical line on which the row starts, the header being line 1; of JSON, the position of the element from 1. */
  readonly line: number;
  /** Offset of the row's first byte in the decompressed input; null where the input has no rows of bytes (JSON). */
  readonly byteOffset: number | null;
  /** Trimmed header of the offending column; null for the whole row. */
  readonly column: string | null;
  readonly reason: RejectReason;
  /** The offending text, cut at 80 code points. */
  readonly text: string;
}

/** How many rows were read and refused; `samples` are the first 20 refused rows in input order. */
export interface RowCounts {
  readonly read: number;
  readonly rejected: number;
  readonly reasons: Readonly<Partial<Record<RejectReason, number>>>;
  readonly samples: readonly RejectSample[];
}
