import * as z from 'zod';
import {
  getItemQuery,
  ITEM_KEY_PATTERN,
  type ItemColumns,
  type ListItems,
  listItemsQuery,
} from '../contracts/api/items.ts';
import { ITEM_SORTS, type ItemSort } from '../contracts/item-list.ts';
import type { Job } from '../contracts/job.ts';
import { analyzeItem } from '../domain/analysis.ts';
import { resolveParameters } from '../domain/parameters.ts';
import type { ItemResult } from '../domain/report/document.ts';
import { daysOf } from '../domain/totals/days-of.ts';
import type { ItemSeries } from '../domain/totals/item-series.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseQuery } from '../http/input.ts';
import { pageResponse, positionOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import type { ItemFilter, ItemPage, ItemPosition } from '../ports/result-store.ts';
import { cacheKey } from './cache/key.ts';
import { CACHE_SECONDS } from './cache/read-through.ts';
import { findResult, notStored } from './find-result.ts';
import type { QueryServices } from './query-services.ts';

const MICROS = 1e6;
const positionSchema = z.tuple([z.number().nullable(), z.string()]);

/** A page of a job's creatives, filtered and sorted. A result never changes, so neither do its pages. */
export async function listItems(services: QueryServices, request: ApiRequest): Promise<ApiResponse> {
  const query = parseQuery(listItemsQuery, request);
  const after = startOf(request);
  const { run } = await findResult(services, request);
  const key = cacheKey({ tenant: run.tenant, kind: 'items', of: { run, query, after } });
  const answer = await services.answers.read(key, CACHE_SECONDS.result, async () => {
    const page = await services.results.listItems(run, {
      filter: filterOf(query),
      ...orderOf(query.sort),
      after,
      limit: query.limit,
    });
    return page === null ? null : Buffer.from(JSON.stringify(page));
  });
  if (answer === null) throw notStored();
  const { items, next, total }: ItemPage = JSON.parse(Buffer.from(answer.value).toString());
  return pageResponse(request, { data: items, next: next === null ? null : [next.value, next.id], total });
}

/** One creative: the item of the result document, its daily series and its window distances where asked for. */
export async function getItem(services: QueryServices, request: ApiRequest): Promise<ApiResponse> {
  const { include } = parseQuery(getItemQuery, request);
  const { job, run } = await findResult(services, request);
  const itemKey = request.parameters['itemKey'] ?? '';
  if (!ITEM_KEY_PATTERN.test(itemKey)) throw missing();
  const parts = [...new Set(include)].sort();
  const key = cacheKey({ tenant: run.tenant, kind: 'item', of: { run, itemKey, parts } });
  const answer = await services.answers.read(key, CACHE_SECONDS.signature, async () => {
    const stored = await services.results.item(run, itemKey);
    if (stored === null) return null;
    const { item, series } = stored;
    const content = {
      key: itemKey,
      ...(parts.includes('distances') ? withDistances(job, series) : item),
      ...(parts.includes('series') && { series: columnsOf(series) }),
    };
    return Buffer.from(JSON.stringify(content));
  });
  if (answer === null) throw (await services.results.result(run)) === null ? notStored() : missing();
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body: answer.value };
}

function missing(): Problem {
  return new Problem('not_found', 'The job has no creative of this key.');
}

function startOf(request: ApiRequest): ItemPosition | null {
  const position = positionOf(request);
  if (position === null) return null;
  const { success, data } = positionSchema.safeParse(position);
  if (!success) throw new Problem('invalid_cursor', 'The cursor was made for another list.');
  return { value: data[0], id: data[1] };
}

function orderOf(sort: ListItems['sort']): { sort: ItemSort; descending: boolean } {
  const named = ITEM_SORTS.find((name) => name === sort || `-${name}` === sort);
  return { sort: named ?? 'riskScore', descending: sort.startsWith('-') };
}

function filterOf(query: ListItems): ItemFilter {
  const flag = (text: 'true' | 'false' | undefined) => (text === undefined ? null : text === 'true');
  return {
    statuses: query.status ?? [],
    replace: flag(query.replace),
    excluded: flag(query.excluded),
    minSpend: query.minSpend ?? null,
    minOverspend: query.minOverspend ?? null,
    changed: query.changed ?? null,
    from: query.from ?? null,
    q: query.q ?? null,
  };
}

/** The item once more, with every window distance: they are made of the series when somebody looks, and not kept. */
function withDistances({ parameters }: Job, series: ItemSeries): ItemResult {
  return analyzeItem(daysOf(series), { ...resolveParameters(parameters), includeDistances: true }).result;
}

function columnsOf({ days, impressions, clicks, spendMicros }: ItemSeries): ItemColumns {
  return {
    days: [...days],
    impressions: [...impressions],
    clicks: [...clicks],
    spend: spendMicros === null ? null : spendMicros.map((micros) => micros / MICROS),
    ctr: impressions.map((shown, i) => ratio(clicks[i], shown)),
    cpc: spendMicros === null ? null : spendMicros.map((micros, i) => ratio(micros / MICROS, clicks[i])),
  };
}

function ratio(part: number | undefined, whole: number | undefined): number | null {
  return part === undefined || whole === undefined || whole === 0 ? null : part / whole;
}
