/**
 * Daily figures over several uploads, as parallel columns in strictly increasing day order; days are `YYYY-MM-DD`, spend
 * is in millionths of a currency unit and null on days whose upload had no spend column.
 */
export interface HistoryColumns {
  readonly days: readonly string[];
  readonly impressions: readonly number[];
  readonly clicks: readonly number[];
  readonly spendMicros: readonly (number | null)[];
}

export const NO_HISTORY: HistoryColumns = { days: [], impressions: [], clicks: [], spendMicros: [] };

/**
 * The figures of an item after an upload: of the replaced days those of the upload, which may have none; of all others
 * those that were known.
 */
export function replaceDays(
  known: HistoryColumns,
  uploaded: HistoryColumns,
  replaced: ReadonlySet<string>,
): HistoryColumns {
  const places = [
    ...placesOf(known, (day) => !replaced.has(day)),
    ...placesOf(uploaded, (day) => replaced.has(day)),
  ].sort((a, b) => (a.day < b.day ? -1 : 1));
  return {
    days: places.map(({ day }) => day),
    impressions: places.map(({ columns, index }) => columns.impressions[index] ?? 0),
    clicks: places.map(({ columns, index }) => columns.clicks[index] ?? 0),
    spendMicros: places.map(({ columns, index }) => columns.spendMicros[index] ?? null),
  };
}

interface Place {
  readonly day: string;
  readonly columns: HistoryColumns;
  readonly index: number;
}

function placesOf(columns: HistoryColumns, wanted: (day: string) => boolean): Place[] {
  return columns.days.map((day, index) => ({ day, columns, index })).filter(({ day }) => wanted(day));
}
