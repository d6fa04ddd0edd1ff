import { problemSchema } from '../../contracts/api/common.ts';
import type { AnswerContract, OperationContract } from '../../contracts/api/operation.ts';
import { OPERATIONS } from '../../contracts/api/operations.ts';
import { PROBLEMS, type ProblemCode } from '../../contracts/problems.ts';
import { ROUTES, type Route } from '../../contracts/routes.ts';
import { ENGINE_VERSION } from '../../domain/version.ts';
import { parametersOf } from './parameters.ts';
import { Schemas } from './schemas.ts';

/** Version of the API's form. `/api/…` only ever grows, so its first part is 1. */
export const API_VERSION = '1.0.0';

/** Errors that any operation may answer, and those of any that needs a token or takes an idempotency key. */
const ALWAYS: readonly ProblemCode[] = ['quota_exceeded', 'internal', 'unavailable'];
const WITH_TOKEN: readonly ProblemCode[] = ['unauthenticated', 'forbidden'];
const WITH_KEY: readonly ProblemCode[] = ['invalid_request', 'request_in_progress', 'idempotency_key_reused'];

const DESCRIPTION = `Finds out when advertising creatives wear out, and what that costs. Errors are problem documents (RFC 9457). \
Lists are read page by page with \`cursor\`. Answers have a \`Request-Id\`, under which our logs have the request.`;

/**
 * The OpenAPI 3.1 document of the API: its routes, with the schemas that requests are checked against.
 *
 * @param server what paths are relative to, as the caller reaches it; empty is the root of the host
 */
export function openApiDocument(server: string): Record<string, unknown> {
  const schemas = new Schemas();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of ROUTES) {
    const contract: OperationContract | undefined = OPERATIONS[route.operationId];
    if (contract === undefined) continue;
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operation(route, contract, schemas),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'CreativeDynamics',
      version: API_VERSION,
      description: `${DESCRIPTION} Engine ${ENGINE_VERSION}.`,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: server === '' ? '/' : server }],
    security: [{ token: [] }],
    tags: TAGS.map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: schemas.components,
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'A token such as cdt_…' } },
    },
  };
}

const TAGS = [
  ['api', 'The API itself'],
  ['analyze', 'Analyses of observations in the request'],
  ['datasets', 'Files to analyse'],
  ['jobs', 'Analyses and their results'],
  ['portfolios', 'Datasets together'],
  ['tokens', 'Who may call'],
] as const;

function tagOf(path: string): string {
  const [, part = ''] = /^\/api\/([a-z]+)/.exec(path) ?? [];
  return TAGS.find(([name]) => name === part)?.[0] ?? 'api';
}

function operation(route: Route, contract: OperationContract, schemas: Schemas) {
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [tagOf(route.path)],
    ...(route.scope === 'none'
      ? { security: [] }
      : { description: `Needs a token with the scope \`${route.scope}\`.` }),
    parameters: parametersOf(route, contract, schemas),
    ...bodyOf(contract, schemas),
    responses: {
      ...answersOf(contract, schemas),
      ...unchangedOf(route),
      ...problemsOf(route, contract, schemas),
    },
  };
}

function bodyOf({ body }: OperationContract, schemas: Schemas) {
  if (body === undefined) return {};
  const content =
    'schema' in body
      ? { 'application/json': { schema: schemas.input(body.schema) } }
      : { [body.contentType]: { schema: { description: body.description } } };
  return { requestBody: { required: true, content } };
}

function answersOf({ answers }: OperationContract, schemas: Schemas) {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [
      status,
      { description: answer.description, ...contentOf(answer, schemas) },
    ]),
  );
}

function contentOf({ schema, contentType }: AnswerContract, schemas: Schemas) {
  if (schema === null && contentType === undefined) return {};
  return {
    content: {
      ...(contentType !== undefined && { [contentType]: {} }),
      ...(schema !== null && { 'application/json': { schema: schemas.output(schema) } }),
    },
  };
}

function unchangedOf({ method }: Route) {
  return method === 'GET' ? { 304: { description: 'What `If-None-Match` names still holds' } } : {};
}

function problemsOf({ scope, method }: Route, { problems }: OperationContract, schemas: Schemas) {
  const codes = new Set([
    ...problems,
    ...(scope === 'none' ? [] : WITH_TOKEN),
    ...(scope !== 'none' && method === 'POST' ? WITH_KEY : []),
    ...ALWAYS,
  ]);
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    Array.from(byStatus, ([status, own]) => [
      status,
      {
        description: own.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('; '),
        content: { 'application/problem+json': { schema: schemas.output(problemSchema) } },
      },
    ]),
  );
}
