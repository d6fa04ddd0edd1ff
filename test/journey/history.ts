import { beforeAll, expect, it } from 'vitest';
import { createdDatasetSchema } from '../../lambdas/contracts/api/datasets.ts';
import { jobAnswerSchema } from '../../lambdas/contracts/api/jobs.ts';
import { eventually } from '../local/eventually.ts';
import { call, makeToken } from './api-client.ts';
import { engineReports, smallExport } from './exports.ts';
import { jobStore, reaches, reportsOf } from './jobs.ts';
import { journeys } from './journeys.ts';
import type { System } from './system.ts';

const TENANT = 'weekly';
const [FROM, UNTIL] = ['2025-02-20', '2025-03-10'];

journeys('a dataset of several uploads', historyJourney);

function historyJourney(system: System): void {
  let token = '';
  const ask = (path: string, body: object) => call(system, 'POST', path, { token, body });
  beforeAll(async () => {
    token = await makeToken(system, TENANT, ['read', 'write']);
  });

  /** Uploads a file as a version of the dataset, and waits for its analysis. @returns the id of the dataset */
  async function upload(file: Buffer): Promise<string> {
    const announced = await ask('/api/datasets', {
      name: 'Weekly',
      filename: 'week.csv',
      bytes: file.length,
    });
    const { dataset, job, upload: how } = createdDatasetSchema.parse(announced.json);
    if (how.kind !== 'single') throw new Error('A small file is sent in one request.');
    const { 'Content-Length': _, ...headers } = how.headers;
    expect((await fetch(how.url, { method: 'PUT', body: Buffer.from(file), headers })).status).toBe(200);
    await finished(job.id);
    return dataset.id;
  }

  async function finished(jobId: string) {
    const job = await jobStore(system).get({ tenant: TENANT, jobId });
    if (job === null) throw new Error(`no job ${jobId}`);
    return reaches(system, job, 'SUCCEEDED');
  }

  it('is analysed over all of them, each day as the last one has it', async () => {
    const [first, second] = [smallExport(1), smallExport(2)];
    await upload(daysOf(first, (day) => day < UNTIL));
    const datasetId = await upload(daysOf(second, (day) => day >= FROM));
    const again = await ask(`/api/datasets/${datasetId}/jobs`, { version: 1 });
    await finished(jobAnswerSchema.parse(again.json).id);
    const answer = await eventually('the uploads to join the history', async () => {
      const asked = await ask(`/api/datasets/${datasetId}/jobs`, { over: 'history' });
      return asked.status === 409 ? undefined : asked;
    });
    expect([answer.status, jobAnswerSchema.parse(answer.json).dataset.over]).toEqual([202, 'history']);
    const job = await finished(jobAnswerSchema.parse(answer.json).id);
    const rows = Buffer.concat([
      daysOf(first, (day) => day < FROM),
      daysOf(second, (day) => day >= FROM, false),
    ]);
    expect(await reportsOf(system, job)).toEqual(await engineReports(rows));
    const items = await call(system, 'GET', `/api/jobs/${job.id}/items`, { token });
    expect(items.json).toMatchObject({ page: { total: job.totals?.items } });
  });
}

/** The rows of some days of an export, below its header. */
function daysOf(file: Buffer, isWanted: (day: string) => boolean, withHeader = true): Buffer {
  const [header = '', ...rows] = file.toString().trimEnd().split('\n');
  const wanted = rows.filter((row) => isWanted(row.split(',')[1] ?? ''));
  return Buffer.from([...(withHeader ? [header] : []), ...wanted, ''].join('\n'));
}
