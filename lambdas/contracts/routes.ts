/** The function that answers a route; `docs/api.md` says why there are three. */
export type RouteHandler = 'control' | 'query' | 'analyze';

/** What a token has to be allowed to do; `none` needs no token at all. */
export type Scope = 'none' | 'read' | 'write' | 'admin';

export interface Route {
  /** Unique, the name of the operation in the OpenAPI document. */
  readonly operationId: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** As API Gateway and OpenAPI write it, parameters in braces. */
  readonly path: `/${string}`;
  readonly handler: RouteHandler;
  readonly scope: Scope;
  readonly summary: string;
}

/**
 * Every route of the API, once: API Gateway's resources and methods, the functions' dispatch, the authorization of a
 * request and the OpenAPI document all follow from this table.
 */
export const ROUTES = [
  control('getHealth', 'GET', '/health', 'none', 'Whether the API answers; it looks at nothing else'),
  query('getReadiness', 'GET', '/health/ready', 'read', 'State and latency of every dependency'),
  control('getApi', 'GET', '/api', 'none', 'Name, version, limits in force, links'),
  control('getOpenApi', 'GET', '/api/openapi.json', 'none', 'This description of the API (OpenAPI 3.1)'),
  control('getDocs', 'GET', '/docs', 'none', 'The reference, to read'),
  control('getErrorPage', 'GET', '/docs/errors/{code}', 'none', 'What an error code means and what helps'),

  analyze('analyze', 'POST', '/api/analyze', 'write', 'Analyse observations: the result at once, or a job'),
  control('analyzeBatch', 'POST', '/api/analyze/batch', 'write', 'Analyse up to 1,000 datasets, a job each'),

  control('createDataset', 'POST', '/api/datasets', 'write', 'Announce an upload; answers how to send it'),
  control('previewDataset', 'POST', '/api/datasets/preview', 'write', 'How the head of a file would be read'),
  control('listDatasets', 'GET', '/api/datasets', 'read', 'Datasets, newest first'),
  control('getDataset', 'GET', '/api/datasets/{datasetId}', 'read', 'A dataset and its versions'),
  control(
    'updateDataset',
    'PATCH',
    '/api/datasets/{datasetId}',
    'write',
    'Rename it, or move it to a portfolio',
  ),
  control(
    'deleteDataset',
    'DELETE',
    '/api/datasets/{datasetId}',
    'write',
    'Delete it with versions and results',
  ),
  control('presignParts', 'POST', '/api/datasets/{datasetId}/parts', 'write', 'URLs for parts of an upload'),
  control('listParts', 'GET', '/api/datasets/{datasetId}/parts', 'read', 'Parts that have arrived'),
  control('completeUpload', 'POST', '/api/datasets/{datasetId}/complete', 'write', 'Put the parts together'),
  control('abortUpload', 'DELETE', '/api/datasets/{datasetId}/upload', 'write', 'Give an upload up'),
  control(
    'analyzeDataset',
    'POST',
    '/api/datasets/{datasetId}/jobs',
    'write',
    'Analyse a stored version again',
  ),

  control('listJobs', 'GET', '/api/jobs', 'read', 'Jobs, newest first'),
  control('getJob', 'GET', '/api/jobs/{jobId}', 'read', 'One job and how far it has come'),
  control('cancelJob', 'POST', '/api/jobs/{jobId}/cancel', 'write', 'Ask a job to stop'),
  control('listEvents', 'GET', '/api/jobs/{jobId}/events', 'read', 'What happened to a job, oldest first'),
  query('listItems', 'GET', '/api/jobs/{jobId}/items', 'read', 'Verdicts of a job, filtered and sorted'),
  query(
    'getItem',
    'GET',
    '/api/jobs/{jobId}/items/{itemKey}',
    'read',
    'One creative: verdict, evidence, series',
  ),
  query('getResult', 'GET', '/api/jobs/{jobId}/result.json', 'read', 'The whole result document'),
  query('getReport', 'GET', '/api/jobs/{jobId}/report.csv', 'read', 'The report, a row a creative'),
  query(
    'getActionQueue',
    'GET',
    '/api/jobs/{jobId}/action-queue.csv',
    'read',
    'What to do, a row a creative',
  ),

  query('listPortfolios', 'GET', '/api/portfolios', 'read', 'Portfolios by name'),
  query('createPortfolio', 'POST', '/api/portfolios', 'write', 'Make a portfolio'),
  query('getPortfolio', 'GET', '/api/portfolios/{portfolioId}', 'read', 'One portfolio'),
  query('updatePortfolio', 'PATCH', '/api/portfolios/{portfolioId}', 'write', 'Rename a portfolio'),
  query(
    'deletePortfolio',
    'DELETE',
    '/api/portfolios/{portfolioId}',
    'write',
    'Delete it; its datasets stay',
  ),
  query(
    'getOverview',
    'GET',
    '/api/portfolios/{portfolioId}/overview',
    'read',
    'Figures over its newest results',
  ),
  query('listActions', 'GET', '/api/portfolios/{portfolioId}/actions', 'read', 'What to do, worst first'),
  query('getActionsCsv', 'GET', '/api/portfolios/{portfolioId}/actions.csv', 'read', 'The same as a file'),

  control('listWebhooks', 'GET', '/api/webhooks', 'admin', 'Webhooks'),
  control('createWebhook', 'POST', '/api/webhooks', 'admin', 'Have job events sent; shows the secret once'),
  control('updateWebhook', 'PATCH', '/api/webhooks/{webhookId}', 'admin', 'Change address or events'),
  control('deleteWebhook', 'DELETE', '/api/webhooks/{webhookId}', 'admin', 'Stop sending'),
  control('testWebhook', 'POST', '/api/webhooks/{webhookId}/test', 'admin', 'Send an event of type test'),
  control(
    'rotateSecret',
    'POST',
    '/api/webhooks/{webhookId}/rotate-secret',
    'admin',
    'New secret; the old holds 24 h',
  ),
  control(
    'listDeliveries',
    'GET',
    '/api/webhooks/{webhookId}/deliveries',
    'admin',
    'What was sent, newest first',
  ),
  control(
    'redeliver',
    'POST',
    '/api/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver',
    'admin',
    'Send an event again',
  ),

  control('listTokens', 'GET', '/api/tokens', 'admin', 'Tokens of the tenant, without their secrets'),
  control('createToken', 'POST', '/api/tokens', 'admin', 'Make a token; shows the secret once'),
  control('revokeToken', 'DELETE', '/api/tokens/{tokenId}', 'admin', 'Revoke a token, within a minute'),
] as const satisfies readonly Route[];

export type OperationId = (typeof ROUTES)[number]['operationId'];

/** The routes that a function answers, and so the operations it has to have a verb for. */
export type OperationOf<Handler extends RouteHandler> = Extract<
  (typeof ROUTES)[number],
  { handler: Handler }
>['operationId'];

function control<Id extends string>(
  operationId: Id,
  method: Route['method'],
  path: Route['path'],
  scope: Scope,
  summary: string,
) {
  return { operationId, method, path, handler: 'control', scope, summary } as const;
}

function query<Id extends string>(
  operationId: Id,
  method: Route['method'],
  path: Route['path'],
  scope: Scope,
  summary: string,
) {
  return { operationId, method, path, handler: 'query', scope, summary } as const;
}

function analyze<Id extends string>(
  operationId: Id,
  method: Route['method'],
  path: Route['path'],
  scope: Scope,
  summary: string,
) {
  return { operationId, method, path, handler: 'analyze', scope, summary } as const;
}
