import { decodeCursor, encodeCursor, type Position } from './cursor.ts';
import type { ApiRequest, ApiResponse } from './exchange.ts';

/** A page of a list before it is written down. */
export interface Page {
  readonly data: readonly unknown[];
  /** Where the next page starts; null when this is the last. */
  readonly next: Position | null;
  /** Entries on all pages; null where counting would cost as much as reading them. */
  readonly total: number | null;
}

/** What the previous page ended with; null on the first. @throws Problem `invalid_cursor` */
export function positionOf(request: ApiRequest): Position | null {
  const cursor = request.query['cursor']?.at(-1);
  return cursor === undefined ? null : decodeCursor(cursor, listOf(request));
}

/** A page as it is answered, with the address of the next one. */
export function pageResponse(request: ApiRequest, { data, next, total }: Page): ApiResponse {
  const cursor = next === null ? null : encodeCursor(next, listOf(request));
  return {
    status: 200,
    ...(cursor !== null && {
      headers: { Link: `<${request.path}?${queryWith(request, cursor)}>; rel="next"` },
    }),
    body: { data, page: { next: cursor, total } },
  };
}

/** What a cursor holds for: tenant, path, and every parameter that says which entries come in which order. */
function listOf({ caller, path, query }: ApiRequest): string {
  const filters = Object.entries(query)
    .filter(([name]) => name !== 'cursor' && name !== 'limit')
    .map(([name, values]) => [name, [...values].sort()])
    .sort();
  return JSON.stringify([caller?.tenant, path, filters]);
}

function queryWith({ query }: ApiRequest, cursor: string): URLSearchParams {
  const kept = Object.entries(query).filter(([name]) => name !== 'cursor');
  const pairs = kept.flatMap(([name, values]) => values.map((value): [string, string] => [name, value]));
  return new URLSearchParams([...pairs, ['cursor', cursor]]);
}
