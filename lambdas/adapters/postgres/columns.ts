/** The names and types of columns that are inserted. */
export type ColumnTypes = Readonly<Record<string, string>>;

type Value = string | number | boolean | null;

/** Rows of a table made of as many parameters as it has columns. @param first number of the first parameter */
export function rowsOfColumns(columns: ColumnTypes, first: number): string {
  const arrays = Object.values(columns).map((type, index) => `$${first + index}::${type}[]`);
  return `unnest(${arrays.join(', ')})`;
}

/**
 * Rows as the parameters of {@link rowsOfColumns}. Arrays by columns take the server half as long to read as JSON by rows,
 * which repeats the names.
 */
export function columnArrays<Name extends string>(
  columns: Readonly<Record<Name, string>>,
  rows: readonly Readonly<Record<Name, Value>>[],
): string[] {
  const names = Object.keys(columns).filter((name): name is Name => name in columns);
  return names.map((name) => `{${rows.map((row) => arrayElement(row[name])).join(',')}}`);
}

function arrayElement(value: Value): string {
  if (value === null) return 'NULL';
  return typeof value === 'string' ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : String(value);
}
