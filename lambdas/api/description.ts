import {
  MAX_IMMEDIATE_BYTES,
  MAX_IMMEDIATE_OBSERVATIONS,
  MAX_REQUEST_BYTES,
} from '../contracts/api/analyze.ts';
import { MAX_BATCH } from '../contracts/api/batch.ts';
import { MAX_PAGE } from '../contracts/api/common.ts';
import { MAX_UPLOAD_BYTES } from '../contracts/api/datasets.ts';
import type { OperationContract } from '../contracts/api/operation.ts';
import { OPERATIONS } from '../contracts/api/operations.ts';
import { PROBLEM_CODES, PROBLEMS } from '../contracts/problems.ts';
import { ROUTES } from '../contracts/routes.ts';
import { ENGINE_VERSION } from '../domain/version.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { linkTo } from '../http/links.ts';
import { MAX_WAIT_SECONDS } from '../http/prefer.ts';
import { Problem } from '../http/problem.ts';
import { html, page } from './html.ts';
import { API_VERSION, openApiDocument } from './openapi/document.ts';

/** The same for everybody, and changed by a deployment at most. */
const PUBLIC = { 'Cache-Control': 'public, max-age=300' };

/** Name, versions, limits in force, and where to go on. */
export async function getApi(request: ApiRequest): Promise<ApiResponse> {
  const link = (path: string) => linkTo(request, path);
  return {
    status: 200,
    headers: PUBLIC,
    body: {
      name: 'CreativeDynamics',
      version: API_VERSION,
      engineVersion: ENGINE_VERSION,
      limits: {
        requestBytes: MAX_REQUEST_BYTES,
        immediateBytes: MAX_IMMEDIATE_BYTES,
        immediateObservations: MAX_IMMEDIATE_OBSERVATIONS,
        batchEntries: MAX_BATCH,
        pageEntries: MAX_PAGE,
        waitSeconds: MAX_WAIT_SECONDS,
        uploadBytes: MAX_UPLOAD_BYTES,
      },
      links: {
        self: link('/api'),
        openapi: link('/api/openapi.json'),
        docs: link('/docs'),
        health: link('/health'),
        analyze: link('/api/analyze'),
        datasets: link('/api/datasets'),
        jobs: link('/api/jobs'),
      },
    },
  };
}

/** The OpenAPI document, with this deployment as its server. */
export async function getOpenApi(request: ApiRequest): Promise<ApiResponse> {
  return { status: 200, headers: PUBLIC, body: openApiDocument(linkTo(request, '/').replace(/\/$/, '')) };
}

/** The reference: every operation, what it takes and what it answers. */
export async function getDocs(request: ApiRequest): Promise<ApiResponse> {
  const operations = ROUTES.map(({ operationId, method, path, scope, summary }) => {
    const contract: OperationContract | undefined = OPERATIONS[operationId];
    const query = Object.keys(contract?.query?.shape ?? {});
    const answers = Object.entries(contract?.answers ?? {});
    return html`<h3 id="${operationId}"><code>${method} ${path}</code></h3>
<p>${summary}. ${scope === 'none' ? 'Needs no token.' : `Scope: ${scope}.`}</p>
${query.length === 0 ? '' : html`<p>Query: ${query.map((name, i) => html`${i > 0 ? ', ' : ''}<code>${name}</code>`)}</p>`}
${answers.length === 0 ? '' : html`<ul>${answers.map(([status, { description }]) => html`<li>${status}: ${description}</li>`)}</ul>`}
`;
  });
  const errors = PROBLEM_CODES.map(
    (
      code,
    ) => html`<tr><td><a href="${linkTo(request, '/docs/errors/{code}', { code })}"><code>${code}</code></a></td>
<td>${PROBLEMS[code].status}</td><td>${PROBLEMS[code].title}</td></tr>
`,
  );
  return page(
    'CreativeDynamics API',
    html`<h1>CreativeDynamics API</h1>
<p>Send <code>Authorization: Bearer</code> with a token. The same as a machine reads it, with every schema:
<a href="${linkTo(request, '/api/openapi.json')}">openapi.json</a>.</p>
<h2>Operations</h2>
${operations}
<h2>Errors</h2>
<table><thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead><tbody>
${errors}</tbody></table>`,
  );
}

/** What an error code means and what helps. @throws Problem `not_found` */
export async function getErrorPage(request: ApiRequest): Promise<ApiResponse> {
  const code = PROBLEM_CODES.find((known) => known === request.parameters['code']);
  if (code === undefined) throw new Problem('not_found', 'There is no error of this code.');
  const { status, title, remedy, retryable } = PROBLEMS[code];
  return page(
    `${code}: ${title}`,
    html`<h1>${title}</h1>
<p><code>${code}</code>, status ${status}.</p>
<p>${remedy}</p>
<p>${retryable ? 'The same request can succeed later.' : 'The same request will be refused again.'}</p>
<p><a href="${linkTo(request, '/docs')}">All operations and errors</a></p>`,
  );
}
