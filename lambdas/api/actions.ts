import * as z from 'zod';
import { actionsCsvQuery, listActionsQuery, MAX_ACTION_ROWS } from '../contracts/api/portfolios.ts';
import { portfolioActionsKey } from '../contracts/object-keys.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseQuery } from '../http/input.ts';
import { pageResponse, positionOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import type { ActionPosition } from '../ports/result-store.ts';
import { actionQueueCsv } from './action-queue.ts';

import { digestOf } from './digest.ts';
import { CSV, deliver } from './downloads.ts';
import { findScope } from './portfolio-scope.ts';
import type { PortfolioServices } from './portfolio-services.ts';

const positionSchema = z.tuple([z.number().nullable(), z.string(), z.string()]);

/** A page of what is to be done about the creatives of a portfolio, worst first. */
export async function listActions(services: PortfolioServices, request: ApiRequest): Promise<ApiResponse> {
  const { limit, action: actions = [] } = parseQuery(listActionsQuery, request);
  const after = startOf(request);
  const { tenant, runs } = await findScope(services, request);
  const { items, next, total } = await services.results.listActions(tenant, runs, { actions, after, limit });
  const position = next === null ? null : [next.riskScore, next.id, next.jobId];
  return pageResponse(request, { data: items, next: position, total });
}

/**
 * The same as a file, of the worst so many. It is kept under the name of what it was made of, so that it is made once for
 * the same results.
 */
export async function getActionsCsv(services: PortfolioServices, request: ApiRequest): Promise<ApiResponse> {
  const { delivery, action: actions = [] } = parseQuery(actionsCsvQuery, request);
  const { tenant, id, runs } = await findScope(services, request);
  const missing = new Set((await services.results.overview(tenant, runs)).missing);
  const there = runs.filter(({ jobId }) => !missing.has(jobId));
  const wanted = { actions: [...new Set(actions)].sort(), most: MAX_ACTION_ROWS };
  const key = portfolioActionsKey(tenant, digestOf(Buffer.from(JSON.stringify({ there, wanted }))));
  if ((await services.objects.head(key, null)) === null) {
    const rows = actionQueueCsv(services.results, tenant, there, wanted);
    await services.objects.putIfAbsent(key, rows, CSV);
  }
  return deliver(services, delivery, { key, fileName: `${id}-actions.csv`, contentType: CSV });
}

function startOf(request: ApiRequest): ActionPosition | null {
  const position = positionOf(request);
  if (position === null) return null;
  const { success, data } = positionSchema.safeParse(position);
  if (!success) throw new Problem('invalid_cursor', 'The cursor was made for another list.');
  const [riskScore, id, jobId] = data;
  return { riskScore, id, jobId };
}
