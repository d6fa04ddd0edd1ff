import type { Action } from './action.ts';
import { type CsvColumn, csvHeader, csvRow } from './csv-table.ts';
import type { FatigueStatus } from './document.ts';

/** A creative about which something is to be done. */
export interface ActionRow {
  /** From 1, worst first. */
  readonly rank: number;
  readonly action: Action;
  readonly id: string;
  readonly dataset: string;
  readonly status: FatigueStatus;
  /** Day since when; null when nothing changed and stayed so. */
  readonly since: string | null;
  readonly riskScore: number | null;
  readonly spend: number | null;
  readonly actualOverspend: number | null;
  readonly actualOverspendPct: number | null;
  readonly engagementGapClicks: number | null;
  readonly rationale: string;
  /** Path of the creative in the API. */
  readonly link: string;
}

const COLUMNS: readonly CsvColumn<ActionRow>[] = [
  ['Rank', ({ rank }) => rank],
  ['Action', ({ action }) => action],
  ['Creative', ({ id }) => id],
  ['Dataset', ({ dataset }) => dataset],
  ['Status', ({ status }) => status],
  ['Since', ({ since }) => since],
  ['Risk Score', ({ riskScore }) => riskScore],
  ['Spend', ({ spend }) => spend],
  ['Overspend', ({ actualOverspend }) => actualOverspend],
  ['Overspend %', ({ actualOverspendPct }) => actualOverspendPct],
  ['Lost Clicks', ({ engagementGapClicks }) => engagementGapClicks],
  ['Rationale', ({ rationale }) => rationale],
  ['Link', ({ link }) => link],
];

/** The header of an action queue, which a file of it begins with. */
export const ACTION_CSV_HEADER = csvHeader(COLUMNS);

export function actionCsvRow(row: ActionRow): string {
  return csvRow(COLUMNS, row);
}
