import type { Columns } from '../observation/columns.ts';
import { isRefusal, type Observation, type Refusal } from '../observation/row.ts';
import { cutText, Rejections } from './rejections.ts';
import { TotalsTable } from './table.ts';

/** Daily totals and refusals under one reading of the input. */
export class Tally {
  readonly table: TotalsTable;
  readonly rejections = new Rejections();

  /** @param rows how many will be taken, where that is known */
  constructor(rows?: number) {
    this.table = new TotalsTable(rows);
  }

  /** Counts one row that was read: into the totals, or among the refused. */
  take(reading: Observation | Refusal, columns: Columns, line: number, byteOffset: number): void {
    if (isRefusal(reading)) {
      const { reason, field, text } = reading;
      const column = field === null ? null : (columns.names[columns.index[field]] ?? null);
      this.rejections.add({ line, byteOffset, column, reason, text: cutText(text) });
    } else {
      const { item, day, impressions, clicks, spendMicros } = reading;
      this.table.add(this.table.item(item), day, impressions, clicks, spendMicros);
    }
  }
}

/** One tally; two (as fraction, as percentage) where clicks are derived from ctr: a later row may decide. */
export type Tallies = readonly [Tally] | readonly [Tally, Tally];
