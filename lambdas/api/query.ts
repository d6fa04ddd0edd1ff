import type { OperationOf } from '../contracts/routes.ts';
import type { Answer, ApiRequest, ApiResponse } from '../http/exchange.ts';
import { getActionQueue, getReport, getResult } from './downloads.ts';
import { getItem, listItems } from './items.ts';
import type { QueryServices } from './query-services.ts';
import { getReadiness } from './readiness.ts';

type Verb = (services: QueryServices, request: ApiRequest) => Promise<ApiResponse>;

const VERBS: Partial<Record<OperationOf<'query'>, Verb>> = {
  getReadiness,
  listItems,
  getItem,
  getResult,
  getReport,
  getActionQueue,
};

/** What answers the operations about results. */
export function queryAnswers(services: QueryServices): ReadonlyMap<string, Answer> {
  return new Map(
    Object.entries(VERBS).map(([operationId, verb]) => [operationId, (request) => verb(services, request)]),
  );
}
