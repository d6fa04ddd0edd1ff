/**
 * Daily figures over several uploads, as parallel columns in strictly increasing order of days (since 1970-01-01, UTC).
 * Spend is in millionths of a currency unit, and NaN on days whose upload had no spend column.
 */
export interface HistoryColumns {
  readonly days: Int32Array;
  readonly impressions: Float64Array;
  readonly clicks: Float64Array;
  readonly spendMicros: Float64Array;
}

export const NO_HISTORY: HistoryColumns = emptyColumns(0);

/**
 * The figures of an item after an upload: of the replaced days those of the upload, which may have none; of all others
 * those that were known.
 */
export function replaceDays(
  known: HistoryColumns,
  uploaded: HistoryColumns,
  replaced: ReadonlySet<number>,
): HistoryColumns {
  const merged = emptyColumns(known.days.length + uploaded.days.length);
  let length = 0;
  const keep = (columns: HistoryColumns, place: number) => copyDay(columns, place, merged, length++);
  for (let old = 0, own = 0; old < known.days.length || own < uploaded.days.length; ) {
    const oldDay = known.days[old] ?? Number.POSITIVE_INFINITY;
    const ownDay = uploaded.days[own] ?? Number.POSITIVE_INFINITY;
    if (oldDay <= ownDay && !replaced.has(oldDay)) keep(known, old);
    if (ownDay <= oldDay && replaced.has(ownDay)) keep(uploaded, own);
    if (oldDay <= ownDay) old++;
    if (ownDay <= oldDay) own++;
  }
  return {
    days: merged.days.subarray(0, length),
    impressions: merged.impressions.subarray(0, length),
    clicks: merged.clicks.subarray(0, length),
    spendMicros: merged.spendMicros.subarray(0, length),
  };
}

function emptyColumns(length: number): HistoryColumns {
  return {
    days: new Int32Array(length),
    impressions: new Float64Array(length),
    clicks: new Float64Array(length),
    spendMicros: new Float64Array(length),
  };
}

function copyDay(from: HistoryColumns, place: number, to: HistoryColumns, at: number): void {
  to.days[at] = from.days[place] ?? 0;
  to.impressions[at] = from.impressions[place] ?? 0;
  to.clicks[at] = from.clicks[place] ?? 0;
  to.spendMicros[at] = from.spendMicros[place] ?? Number.NaN;
}
