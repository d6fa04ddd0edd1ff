import { AnalysisError } from '../errors.ts';
import { REJECT_REASONS, type RejectReason, type RowCounts } from '../observation/reject.ts';
import { shortPercentage } from '../report/format.ts';

/** Reasons named in the message. */
const NAMED = 3;

/** What to do about rows that were rejected for each reason. */
const REMEDIES: Readonly<Record<RejectReason, string>> = {
  bad_quoting:
    'Quote every field that holds the delimiter, a quote or a line break, and double the quotes inside it.',
  bad_utf8: 'Save the file as UTF-8.',
  column_count: 'Check the delimiter, and that every row has as many fields as the header.',
  missing_field: 'Fill in the empty cells, or leave those rows out.',
  bad_item: 'Give every row a creative name of 1 to 512 bytes of UTF-8, without NUL.',
  bad_day: 'Write days as YYYY-MM-DD, or say that they are DD/MM/YYYY or MM/DD/YYYY.',
  bad_integer: 'Write impressions and clicks as digits only, without separators or fractions.',
  bad_decimal:
    'Write spend as digits with at most 6 decimals after a point, without a currency sign or separators.',
  negative: 'Leave out corrections and refunds: counts and spend cannot be negative.',
  clicks_exceed_impressions: 'Check that the columns of impressions and clicks are the right ones.',
};

/**
 * Refuses a dataset without rows, and one of which too many rows were rejected (analysis spec §1).
 *
 * @throws AnalysisError `empty_dataset`, or `too_many_rejected_rows`, whose message names the top reasons
 */
export function assertAcceptable(rows: RowCounts, maxRejectedFraction: number): void {
  const { read, rejected } = rows;
  if (read === 0) {
    throw new AnalysisError(
      'empty_dataset',
      'The dataset has no rows.',
      'Send at least one row below the header.',
    );
  }
  // A quotient, not a product: 29 / 100 is the double 0.29, but 0.29 · 100 is below 29.
  if (rejected / read <= maxRejectedFraction && rejected < read) return;
  const counts = REJECT_REASONS.map((reason) => ({ reason, count: rows.reasons[reason] ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  const named = counts.slice(0, NAMED).map(({ reason, count }) => `${reason} ${count}`);
  const share = `${rejected} of ${read} rows were rejected (${shortPercentage(rejected / read)}, limit ${shortPercentage(maxRejectedFraction)})`;
  const top = counts[0];
  throw new AnalysisError(
    'too_many_rejected_rows',
    `${share}: ${named.join(', ')}${counts.length > NAMED ? `, and ${counts.length - NAMED} more` : ''}.`,
    top === undefined ? null : REMEDIES[top.reason],
  );
}
