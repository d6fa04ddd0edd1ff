import { beforeAll, describe, expect, it } from 'vitest';
import { createdDatasetSchema } from '../../lambdas/contracts/api/datasets.ts';
import { type OperationId, ROUTES, type Route } from '../../lambdas/contracts/routes.ts';
import { type Called, call, makeToken } from './api-client.ts';
import { smallExport } from './exports.ts';
import { jobOfUpload, PATIENCE_MS } from './jobs.ts';
import type { System } from './system.ts';

const PART_UPLOAD_BYTES = 100 * 2 ** 20;
const OBSERVATIONS = Array.from({ length: 20 }, (_, day) => ({
  id: 'one',
  day: `2026-01-${String(day + 1).padStart(2, '0')}`,
  impressions: 1000,
  clicks: 20,
}));

/** What an operation is called with, where it takes something. Every operation is in here, so that none is forgotten. */
const BODIES: Readonly<Record<OperationId, object | null>> = {
  getHealth: null,
  getReadiness: null,
  getApi: null,
  getOpenApi: null,
  getDocs: null,
  getErrorPage: null,
  analyze: { items: OBSERVATIONS },
  analyzeBatch: { datasets: [{ datasetName: 'Batch', items: OBSERVATIONS }] },
  createDataset: { name: 'Walked again', filename: 'again.csv', bytes: 10 },
  previewDataset: smallExport(21).subarray(0, 2000),
  listDatasets: null,
  getDataset: null,
  updateDataset: { name: 'Renamed' },
  deleteDataset: null,
  presignParts: { from: 1, to: 2 },
  listParts: null,
  completeUpload: {},
  abortUpload: null,
  analyzeDataset: {},
  listJobs: null,
  getJob: null,
  cancelJob: {},
  listEvents: null,
  listItems: null,
  getItem: null,
  getResult: null,
  getReport: null,
  getActionQueue: null,
  listPortfolios: null,
  createPortfolio: { name: 'Second' },
  getPortfolio: null,
  updatePortfolio: { name: 'Renamed' },
  deletePortfolio: null,
  getOverview: null,
  listActions: null,
  getActionsCsv: null,
  listWebhooks: null,
  createWebhook: { url: 'https://hooks.example.com/second' },
  updateWebhook: { description: 'changed' },
  deleteWebhook: null,
  testWebhook: {},
  rotateSecret: {},
  listDeliveries: null,
  redeliver: {},
  listTokens: null,
  createToken: { name: 'Second', scopes: ['read'] },
  revokeToken: null,
};

/** Operations that are right not to succeed here, and what they say. */
const REFUSED: Readonly<Partial<Record<OperationId, number>>> = {
  // No part has arrived.
  completeUpload: 400,
};

/** Reads before changes, and what deletes last: each operation finds what it is about. */
const ORDER: readonly Route['method'][] = ['GET', 'POST', 'PATCH', 'DELETE'];
const WALK = ORDER.flatMap((method) => ROUTES.filter((route: Route) => route.method === method));
const OPERATIONS_ON_PARTS = ['presignParts', 'listParts', 'completeUpload', 'abortUpload'];

/** Calls every route there is: the functions behind them are held to their grants, and callers to theirs. */
export function routesWalk(system: System): void {
  describe('every route', () => {
    const tokens = { owner: '', reader: '', other: '' };
    /** Values of parameters in paths. */
    let own: Readonly<Record<string, string>> = {};
    let partsDatasetId = '';

    function walk(route: (typeof ROUTES)[number], token?: string): Promise<Called> {
      const values = OPERATIONS_ON_PARTS.includes(route.operationId)
        ? { ...own, datasetId: partsDatasetId }
        : own;
      const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? `no-${name}`);
      return call(system, route.method, path, { token, body: BODIES[route.operationId] ?? undefined });
    }

    beforeAll(async () => {
      tokens.owner = await makeToken(system, 'walker', ['read', 'write', 'admin']);
      tokens.reader = await makeToken(system, 'walker', ['read']);
      tokens.other = await makeToken(system, 'stranger', ['read', 'write', 'admin']);
      const ask = async (method: string, path: string, body?: object) => {
        const { status, json } = await call(system, method, path, { token: tokens.owner, body });
        if (!succeeds(status)) throw new Error(`${method} ${path} is ${status}: ${JSON.stringify(json)}`);
        return Object(json);
      };
      const upload = await announce(system, tokens.owner, 'Walked', smallExport(22));
      const job = await jobOfUpload(system, upload, 'SUCCEEDED');
      const large = { name: 'In parts', filename: 'large.csv', bytes: PART_UPLOAD_BYTES };
      partsDatasetId = (await ask('POST', '/api/datasets', large)).dataset.id;
      const webhook = await ask('POST', '/api/webhooks', { url: 'https://hooks.example.com/walked' });
      own = {
        code: 'not_found',
        jobId: job.id,
        datasetId: job.dataset.id,
        itemKey: (await ask('GET', `/api/jobs/${job.id}/items`)).data[0].key,
        portfolioId: (await ask('POST', '/api/portfolios', { name: 'First' })).id,
        webhookId: webhook.id,
        deliveryId: (await ask('POST', `/api/webhooks/${webhook.id}/test`)).id,
        tokenId: (await ask('POST', '/api/tokens', { name: 'Spare', scopes: ['read'] })).id,
      };
    }, 2 * PATIENCE_MS);

    it('has something to be about', () => {
      expect(Object.entries({ ...own, partsDatasetId }).filter(([, value]) => !value)).toEqual([]);
    });

    it('is 401 without a token, unless it needs none', async () => {
      for (const route of WALK) {
        const { status } = await walk(route);
        expect([route.operationId, status]).toEqual([route.operationId, route.scope === 'none' ? 200 : 401]);
      }
    });

    it('is 403 to a token that may only read, where more is needed, and is counted', async () => {
      const left: (string | null)[] = [];
      for (const route of WALK.filter(({ scope }) => scope === 'write' || scope === 'admin')) {
        const { status, headers } = await walk(route, tokens.reader);
        expect([route.operationId, status]).toEqual([route.operationId, 403]);
        expect(headers.get('ratelimit-policy')).toMatch(/^"requests";q=\d+;w=60$/);
        left.push(headers.get('ratelimit'));
      }
      // A bucket that cannot be asked in time, as on a machine with much else to do, lets a request pass uncounted.
      expect(left).toContainEqual(expect.stringMatching(/^"requests";r=\d+;t=\d+$/));
    });

    it('is 404 to another tenant, where it is about something of this one', async () => {
      const about = WALK.filter(({ path, scope }) => path.includes('{') && scope !== 'none');
      for (const route of about) {
        const { status } = await walk(route, tokens.other);
        expect([route.operationId, status]).toEqual([route.operationId, 404]);
      }
      expect(about.length).toBeGreaterThan(20);
    });

    it('answers its tenant, from the first function behind it to the last grant', async () => {
      const answers = [];
      for (const route of WALK) {
        const { status, json } = await walk(route, tokens.owner);
        answers.push({ operation: route.operationId, status, json });
      }
      const unexpected = answers.filter(({ operation, status }) => {
        const refusal = REFUSED[operation];
        return refusal === undefined ? !succeeds(status) : status !== refusal;
      });
      expect(unexpected).toEqual([]);
    });
  });
}

function succeeds(status: number): boolean {
  // A file is answered with where it is.
  return status >= 200 && status < 400;
}

/** Announces a file and sends it. @returns what its job is known by */
async function announce(system: System, token: string, name: string, file: Buffer) {
  const body = { name, filename: 'walked.csv', bytes: file.length };
  const { json } = await call(system, 'POST', '/api/datasets', { token, body });
  const { job, dataset, upload } = createdDatasetSchema.parse(json);
  if (upload.kind !== 'single') throw new Error('A small file is sent in one request.');
  const { 'Content-Length': _, ...headers } = upload.headers;
  const sent = await fetch(upload.url, { method: 'PUT', body: file, headers });
  return {
    key: `uploads/walker/${dataset.id}/${job.id}/walked.csv`,
    version: sent.headers.get('x-amz-version-id') ?? '',
    etag: '',
    bytes: file.length,
  };
}
