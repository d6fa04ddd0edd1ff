import type { OperationOf } from '../contracts/routes.ts';
import type { Answer, ApiRequest, ApiResponse } from '../http/exchange.ts';
import { getActionsCsv, listActions } from './actions.ts';
import { getActionQueue, getReport, getResult } from './downloads.ts';
import { getItem, listItems } from './items.ts';
import { getOverview } from './overview.ts';
import type { PortfolioServices } from './portfolio-services.ts';
import {
  createPortfolio,
  deletePortfolio,
  getPortfolio,
  listPortfolios,
  updatePortfolio,
} from './portfolios.ts';
import type { QueryServices } from './query-services.ts';
import { getReadiness } from './readiness.ts';

type Services = QueryServices & PortfolioServices;
type Verb = (services: Services, request: ApiRequest) => Promise<ApiResponse>;

const VERBS: Readonly<Record<OperationOf<'query'>, Verb>> = {
  getReadiness,
  listItems,
  getItem,
  getResult,
  getReport,
  getActionQueue,
  listPortfolios,
  createPortfolio,
  getPortfolio,
  updatePortfolio,
  deletePortfolio,
  getOverview,
  listActions,
  getActionsCsv,
};

/** What answers the operations about results and portfolios. */
export function queryAnswers(services: Services): ReadonlyMap<string, Answer> {
  return new Map(
    Object.entries(VERBS).map(([operationId, verb]) => [operationId, (request) => verb(services, request)]),
  );
}
