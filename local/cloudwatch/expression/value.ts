/** Values of one metric on a grid of periods; undefined where there are none. */
export type Series = readonly (number | undefined)[];

/** What an expression has as its value: a number, a time series, several, or a word that a function takes. */
export type Value =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'series'; readonly values: Series; readonly period: number }
  | { readonly kind: 'list'; readonly members: readonly SeriesValue[] }
  | { readonly kind: 'text'; readonly text: string };

export type SeriesValue = Extract<Value, { kind: 'series' }>;
export type ScalarValue = Extract<Value, { kind: 'scalar' }>;

export function scalar(value: number): ScalarValue {
  return { kind: 'scalar', value };
}

/** The values of each period side by side, of series that have the same grid. @throws Error when they have not */
export function columnsOf(members: readonly SeriesValue[]): { columns: Series[]; period: number } {
  const [first] = members;
  const period = first?.period ?? 0;
  if (members.some((member) => member.period !== period))
    throw new Error('an expression over different periods is not imitated');
  const columns = (first?.values ?? []).map((_, at) => members.map(({ values }) => values[at]));
  return { columns, period };
}
