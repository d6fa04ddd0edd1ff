import type * as z from 'zod';
import {
  listPortfoliosQuery,
  namePortfolioSchema,
  type portfolioAnswerSchema,
} from '../contracts/api/portfolios.ts';
import { MAX_PORTFOLIOS, type Portfolio } from '../contracts/portfolio.ts';
import { idOf } from '../domain/job/job-id.ts';
import { tenantOf } from '../http/caller.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseBody, parseQuery } from '../http/input.ts';
import { linkTo } from '../http/links.ts';
import { pageResponse, positionOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import { concurrently } from '../pipeline/concurrently.ts';
import { changeDataset, MAX_DATASETS } from './change-dataset.ts';
import { assertFree, changePortfolios, foldedName } from './change-portfolios.ts';
import type { PortfolioServices } from './portfolio-services.ts';

/** Datasets that are changed at a time. */
const CONCURRENCY = 16;

/** The portfolios of a tenant by name; it has so few that they are sorted here. */
export async function listPortfolios(
  { portfolios }: PortfolioServices,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { limit } = parseQuery(listPortfoliosQuery, request);
  const [after] = positionOf(request) ?? [];
  const all = (await portfolios.read(tenantOf(request))).portfolios;
  const sorted = all.toSorted((a, b) => (foldedName(a.name) < foldedName(b.name) ? -1 : 1));
  const isLater = (place: string) => (portfolio: Portfolio) => foldedName(portfolio.name) > foldedName(place);
  const rest = typeof after === 'string' ? sorted.filter(isLater(after)) : sorted;
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  const next = rest.length > limit && last !== undefined ? [last.name] : null;
  return pageResponse(request, { data: shown.map((one) => answerOf(request, one)), next, total: all.length });
}

/** Makes a portfolio; the same request sent again finds the one that it made. */
export async function createPortfolio(
  { portfolios, clock }: PortfolioServices,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { name } = parseBody(namePortfolioSchema, request);
  const tenant = tenantOf(request);
  const at = new Date(clock.now()).toISOString();
  const id = idOf('pf', clock.now(), `${tenant}\n${request.requestId}`);
  const portfolio: Portfolio = { id, name, createdAt: at, updatedAt: at };
  await changePortfolios(portfolios, tenant, (current) => {
    assertFree(current, name, id);
    if (current.length >= MAX_PORTFOLIOS) throw full();
    return [...current, portfolio];
  });
  const headers = { Location: linkTo(request, '/api/portfolios/{portfolioId}', { portfolioId: id }) };
  return { status: 201, headers, body: answerOf(request, portfolio) };
}

export async function getPortfolio(
  { portfolios }: PortfolioServices,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { portfolios: all } = await portfolios.read(tenantOf(request));
  return { status: 200, body: answerOf(request, named(all, request)) };
}

/** Renames a portfolio. */
export async function updatePortfolio(
  { portfolios, clock }: PortfolioServices,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { name } = parseBody(namePortfolioSchema, request);
  const updatedAt = new Date(clock.now()).toISOString();
  let renamed: Portfolio | undefined;
  await changePortfolios(portfolios, tenantOf(request), (current) => {
    const portfolio = { ...named(current, request), name, updatedAt };
    assertFree(current, name, portfolio.id);
    renamed = portfolio;
    return current.map((one) => (one.id === portfolio.id ? portfolio : one));
  });
  if (renamed === undefined) throw new Error('A portfolio was renamed without having been there.');
  return { status: 200, body: answerOf(request, renamed) };
}

/** Deletes a portfolio. Its datasets stay, in none: they leave it first, so that a repetition finishes what was cut off. */
export async function deletePortfolio(
  services: PortfolioServices,
  request: ApiRequest,
): Promise<ApiResponse> {
  const tenant = tenantOf(request);
  const { id } = named((await services.portfolios.read(tenant)).portfolios, request);
  const datasets = await services.datasets.list(tenant, MAX_DATASETS);
  const own = datasets.filter(({ portfolioId }) => portfolioId === id);
  await concurrently(own, CONCURRENCY, (dataset) =>
    changeDataset(services, dataset, ({ portfolioId }) => ({
      portfolioId: portfolioId === id ? null : portfolioId,
    })),
  );
  await changePortfolios(services.portfolios, tenant, (current) => current.filter((one) => one.id !== id));
  return { status: 204 };
}

/** The portfolio that a path names. @throws Problem `not_found`, for those of other tenants too */
function named(portfolios: readonly Portfolio[], { parameters }: ApiRequest): Portfolio {
  const portfolio = portfolios.find(({ id }) => id === parameters['portfolioId']);
  if (portfolio === undefined) throw new Problem('not_found', 'There is no portfolio of this id.');
  return portfolio;
}

function answerOf(request: ApiRequest, portfolio: Portfolio): z.input<typeof portfolioAnswerSchema> {
  const { id, name, createdAt, updatedAt } = portfolio;
  const link = (rest: string) => linkTo(request, `/api/portfolios/{portfolioId}${rest}`, { portfolioId: id });
  return {
    id,
    name,
    createdAt,
    updatedAt,
    links: {
      self: link(''),
      datasets: `${linkTo(request, '/api/datasets')}?portfolio=${id}`,
      overview: link('/overview'),
      actions: link('/actions'),
      actionsCsv: link('/actions.csv'),
    },
  };
}

function full(): Problem {
  return new Problem('invalid_request', `There are ${MAX_PORTFOLIOS} portfolios, and there can be no more.`, {
    remedy: 'Delete one that nobody needs.',
  });
}
