import {
  REJECT_REASONS,
  type RejectReason,
  type RowCounts,
} from '../../lambdas/domain/observation/reject.ts';
import { count, counted, percent } from '../format.ts';
import { harmless } from '../terminal/text.ts';

const SAMPLES_SHOWN = 3;

const REASON_WORDS: Readonly<Record<RejectReason, string>> = {
  bad_quoting: 'a quote inside an unquoted field',
  bad_utf8: 'not UTF-8',
  column_count: 'more or fewer fields than the header',
  missing_field: 'a required field is empty',
  bad_item: 'a name longer than 512 bytes',
  bad_day: 'not a day such as 2025-05-03; --day-format names another order',
  bad_integer: 'not a whole number',
  bad_decimal: 'not a plain amount such as 12.50',
  negative: 'below zero',
  clicks_exceed_impressions: 'more clicks than impressions',
};

/** What was rejected and why, most frequent reason first, with the first samples; empty when nothing was. */
export function rejectLines({ read, rejected, reasons, samples }: RowCounts): string[] {
  if (rejected === 0) return [];
  const byFrequency = REJECT_REASONS.filter((reason) => (reasons[reason] ?? 0) > 0).sort(
    (left, right) => (reasons[right] ?? 0) - (reasons[left] ?? 0),
  );
  const unseen = rejected - Math.min(SAMPLES_SHOWN, samples.length);
  return [
    `${count(rejected)} of ${counted(read, 'row')} rejected (${percent(rejected / read)}), not counted in any figure:`,
    ...byFrequency.map((reason) => `  ${count(reasons[reason] ?? 0)} ${reason}: ${REASON_WORDS[reason]}`),
    ...samples.slice(0, SAMPLES_SHOWN).map(({ line, byteOffset, column, reason, text }) => {
      const position = byteOffset === null ? `element ${line}` : `line ${line}`;
      const place = [position, ...(column === null ? [] : [`column ${harmless(column)}`])];
      return `  ${[...place, `"${harmless(text)}"`].join(', ')}: ${reason}`;
    }),
    ...(unseen > 0 ? [`  and ${count(unseen)} more; the JSON report lists the first 20`] : []),
  ];
}
