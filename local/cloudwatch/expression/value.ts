/** Values of one metric on a grid of periods; undefined where there are none. */
export type Series = readonly (number | undefined)[];

/** Where the periods of a series lie. */
interface Grid {
  /** Seconds. */
  readonly period: number;
  /** When the first begins, in milliseconds. */
  readonly start: number;
}

/** What an expression has as its value: a number, a time series, several, or a word that a function takes. */
export type Value =
  | { readonly kind: 'scalar'; readonly value: number }
  | ({ readonly kind: 'series'; readonly values: Series } & Grid)
  | { readonly kind: 'list'; readonly members: readonly SeriesValue[] }
  | { readonly kind: 'text'; readonly text: string };

export type SeriesValue = Extract<Value, { kind: 'series' }>;
export type ScalarValue = Extract<Value, { kind: 'scalar' }>;

export function scalar(value: number): ScalarValue {
  return { kind: 'scalar', value };
}

/** Series on the same grid with their values of each period side by side. @throws Error when the grids differ */
export function columnsOf(members: readonly SeriesValue[]): { columns: Series[]; grid: Grid } {
  const [{ period, start, values } = { period: 0, start: 0, values: [] }] = members;
  if (members.some((member) => member.period !== period))
    throw new Error('an expression over different periods is not imitated');
  const columns = values.map((_, at) => members.map((member) => member.values[at]));
  return { columns, grid: { period, start } };
}
