import type { Parameters } from './parameters.ts';

/** An order of items: by a column that has an index `… DESC NULLS LAST, id`, null last, then by id. */
export interface PageOrder {
  readonly column: string;
  readonly descending: boolean;
}

/** Where the last page ended: the column's value, and a condition that items of the same value pass if they come later. */
export interface PageStart {
  readonly value: number | null;
  readonly tie: string;
}

/**
 * The first items in an order after a place, as a query. It is put together of ranges that an index holds in just that
 * order (same value, beyond the value, null), so that no page reads more than its items, however far back it lies and
 * however many items share a value.
 *
 * @param scope condition of the rows, `items i`
 * @param limit placeholder of the number of rows
 */
export function sortedPage(
  scope: string,
  { column, descending }: PageOrder,
  after: PageStart | null,
  limit: string,
  parameters: Parameters,
): string {
  const sorted = `i.${column}`;
  // The null ones are a range of their own, so NULLS FIRST only says which way the index is read.
  const order = `${sorted} ${descending ? 'DESC NULLS LAST' : 'ASC NULLS FIRST'}, i.id`;
  const range = (condition: string, by: string) =>
    `(SELECT i.* FROM items i WHERE ${scope} AND ${condition} ORDER BY ${by} LIMIT ${limit})`;
  const ranges: string[] = [];
  if (after === null) {
    ranges.push(range(`${sorted} IS NOT NULL`, order));
  } else if (after.value !== null) {
    const value = `${parameters.add(after.value)}::double precision`;
    ranges.push(range(`${sorted} = ${value} AND ${after.tie}`, 'i.id'));
    ranges.push(range(`${sorted} ${descending ? '<' : '>'} ${value}`, order));
  }
  const tie = after !== null && after.value === null ? ` AND ${after.tie}` : '';
  ranges.push(range(`${sorted} IS NULL${tie}`, `${sorted} DESC NULLS LAST, i.id`));
  return ranges.join(' UNION ALL ');
}

/** The first items by id, after the given one, as a query. */
export function pageById(scope: string, descending: boolean, after: string | null, limit: string): string {
  const beyond = after === null ? '' : ` AND i.id ${descending ? '<' : '>'} ${after}`;
  return `SELECT i.* FROM items i WHERE ${scope}${beyond} ORDER BY i.id${descending ? ' DESC' : ''} LIMIT ${limit}`;
}

/** The order of the rows of a page once it stands in a query as `page`. */
export function pageOrder({ column, descending }: PageOrder): string {
  return `page.${column} ${descending ? 'DESC' : 'ASC'} NULLS LAST, page.id`;
}
