import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { getApi, getDocs, getErrorPage, getOpenApi } from '../../lambdas/api/description.ts';
import { getHealth } from '../../lambdas/api/health.ts';
import { Html, html } from '../../lambdas/api/html.ts';
import { openApiDocument } from '../../lambdas/api/openapi/document.ts';
import { apiDescriptionSchema, healthSchema } from '../../lambdas/contracts/api/description.ts';
import { OPERATIONS } from '../../lambdas/contracts/api/operations.ts';
import { PROBLEM_CODES, PROBLEMS } from '../../lambdas/contracts/problems.ts';
import { ROUTES } from '../../lambdas/contracts/routes.ts';
import { Problem } from '../../lambdas/http/problem.ts';
import { requestFor } from '../http/requests.ts';
import { at, type Json } from '../infrastructure/template.ts';

const directory = mkdtempSync(join(tmpdir(), 'openapi-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The document as callers get it. */
function parsed(server = ''): Json {
  return JSON.parse(JSON.stringify(openApiDocument(server)));
}

describe('the OpenAPI document', () => {
  it('leaves out no operation about jobs, datasets and tokens', () => {
    const missing = ROUTES.filter(
      ({ handler, operationId }) => handler === 'control' && !(operationId in OPERATIONS),
    );
    expect(missing).toEqual([]);
  });

  it('passes the linter', () => {
    const file = join(directory, 'openapi.json');
    writeFileSync(file, JSON.stringify(parsed()));
    writeFileSync(join(directory, 'redocly.yaml'), 'extends: [recommended]\n');
    const options = {
      cwd: directory,
      encoding: 'utf8' as const,
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', CI: 'true' },
    };
    const redocly = createRequire(import.meta.url).resolve('@redocly/cli/bin/cli.js');
    const output = execFileSync(process.execPath, [redocly, 'lint', file, '--format=json'], options);
    expect(JSON.parse(output)).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] });
  });

  it('has every operation with a contract, as the table of routes has it', () => {
    for (const { operationId, method, path, scope } of ROUTES) {
      const operation = at(parsed(), 'paths', path, method.toLowerCase());
      if (!(operationId in OPERATIONS)) {
        expect(operation).toBeUndefined();
        continue;
      }
      expect(at(operation, 'operationId')).toBe(operationId);
      expect(at(operation, 'security')).toEqual(scope === 'none' ? [] : undefined);
      const isDenied = at(operation, 'responses', '403') !== undefined;
      expect([operationId, isDenied]).toEqual([operationId, scope !== 'none']);
    }
  });

  it('says of each answer what it is, by names that are all there', () => {
    const text = JSON.stringify(parsed());
    const names = Object.keys(at(parsed(), 'components', 'schemas') ?? {});
    const referred = new Set(
      Array.from(text.matchAll(/"#\/components\/schemas\/(\w+)"/g), ([, name]) => name),
    );
    expect([...referred].toSorted()).toEqual(names);
    expect(text).not.toContain('$defs');
    expect(at(parsed(), 'components', 'schemas', 'Job', 'properties', 'state', 'enum')).toContain(
      'SUCCEEDED',
    );
  });

  it('says of files that a link to them is JSON', () => {
    for (const path of ['/api/jobs/{jobId}/report.csv', '/api/portfolios/{portfolioId}/actions.csv']) {
      const content = at(parsed(), 'paths', path, 'get', 'responses', '200', 'content');
      expect(content).toEqual({
        'text/csv': {},
        'application/json': { schema: { $ref: '#/components/schemas/DownloadLink' } },
      });
    }
  });

  it('lets answers grow, but requests not', () => {
    expect(at(parsed(), 'components', 'schemas', 'Job', 'additionalProperties')).toBeUndefined();
  });

  it('names the limits of what may be asked', () => {
    const parameters = at(parsed(), 'paths', '/api/jobs', 'get', 'parameters');
    const limit = Array.isArray(parameters) && parameters.find((one) => at(one, 'name') === 'limit');
    expect(limit).toMatchObject({
      in: 'query',
      required: false,
      schema: { minimum: 1, maximum: 200, default: 50 },
    });
  });

  it('is relative to what was called', async () => {
    const { body } = await getOpenApi(requestFor('getOpenApi', { path: '/v1/api/openapi.json' }));
    expect(body).toMatchObject({ servers: [{ url: '/v1' }] });
    expect(parsed()).toMatchObject({ servers: [{ url: '/' }] });
  });
});

describe('the API', () => {
  it('describes itself', async () => {
    const { body } = await getApi(requestFor('getApi', { path: '/v1/api' }));
    expect(apiDescriptionSchema.parse(body).links).toMatchObject({ self: '/v1/api', jobs: '/v1/api/jobs' });
  });

  it('is healthy as long as it can say so', async () => {
    const { status, body } = await getHealth({ clock: { now: () => 0 } });
    expect(status).toBe(200);
    expect(healthSchema.parse(body).time).toBe('1970-01-01T00:00:00.000Z');
  });
});

describe('pages', () => {
  const textOf = async (response: ReturnType<typeof getDocs>) => String((await response).body);

  it('name every operation and every error', async () => {
    const docs = await textOf(getDocs(requestFor('getDocs', { path: '/v1/docs' })));
    for (const { operationId, path } of ROUTES) {
      expect(docs).toContain(`id="${operationId}"`);
      expect(docs).toContain(path);
    }
    for (const code of PROBLEM_CODES) expect(docs).toContain(`href="/v1/docs/errors/${code}"`);
  });

  it.each(PROBLEM_CODES)('say what helps against %s', async (code) => {
    const { headers, body } = await getErrorPage(requestFor('getErrorPage', { parameters: { code } }));
    expect(body).toContain(PROBLEMS[code].remedy);
    expect(headers?.['Content-Type']).toBe('text/html; charset=utf-8');
    expect(headers?.['Content-Security-Policy']).toContain("default-src 'none'");
  });

  it('load nothing from elsewhere', async () => {
    const docs = await textOf(getDocs(requestFor('getDocs')));
    expect(docs).not.toMatch(/<script|<link|<img|@import|url\(|https?:/);
  });

  it('about errors that do not exist do not exist', async () => {
    const request = requestFor('getErrorPage', { parameters: { code: '<script>' } });
    await expect(getErrorPage(request)).rejects.toThrow(Problem);
  });

  it('are made of escaped texts', () => {
    expect(html`<p title="${'"&'}">${'<b>'}${[1, new Html('<i>')]}</p>`.text).toBe(
      '<p title="&quot;&amp;">&lt;b&gt;1<i></p>',
    );
  });
});
