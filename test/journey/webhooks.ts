import { beforeAll, describe, expect, it } from 'vitest';
import { jobAnswerSchema } from '../../lambdas/contracts/api/jobs.ts';
import {
  deliveryPageSchema,
  webhookAnswerSchema,
  webhookSecretSchema,
} from '../../lambdas/contracts/api/webhooks.ts';
import type { AnalysisDocument, FatigueStatus } from '../../lambdas/domain/report/document.ts';
import { eventually } from '../local/eventually.ts';
import { call, makeToken } from './api-client.ts';
import { engineReports, smallExport } from './exports.ts';
import { jobOfUpload, PATIENCE_MS, reaches } from './jobs.ts';
import { type Receiver, signatureOf } from './receiver.ts';
import type { System } from './system.ts';

const TENANT = 'hooked';

/** What a tenant does who wants to be told of jobs. */
export function webhookJourney(system: System, receiver: Receiver): void {
  describe('a tenant with a webhook', () => {
    let token = '';
    let id = '';
    let secret = '';
    const ask = (method: string, path: string, body?: object) => call(system, method, path, { token, body });
    const path = (rest = '') => `/api/webhooks/${id}${rest}`;

    beforeAll(async () => {
      token = await makeToken(system, TENANT, ['read', 'write', 'admin']);
    });

    it.for([
      'https://localhost/',
      'https://127.0.0.1/',
      'https://169.254.169.254/',
      'http://hooks.example.com/',
    ])('is refused the address %s', async (url) => {
      expect(await ask('POST', '/api/webhooks', { url })).toMatchObject({
        status: 400,
        json: { code: 'invalid_request', errors: [{ pointer: '/url' }] },
      });
    });

    it('hears of a job that succeeded, signed with the secret it was given', async () => {
      const made = await ask('POST', '/api/webhooks', { url: receiver.url, description: 'the warehouse' });
      expect(made.status).toBe(201);
      const webhook = webhookSecretSchema.parse(made.json);
      [id, secret] = [webhook.id, webhook.secret ?? ''];
      const file = smallExport(11);
      const upload = await system.put(`uploads/${TENANT}/spring/week.csv`, file);
      const job = await jobOfUpload(system, upload, 'SUCCEEDED');
      const reports = await engineReports(file);
      const message = await receiver.next(0);
      expect(message.signatures).toEqual([signatureOf(message, secret)]);
      expect(JSON.parse(message.body)).toEqual({
        type: 'job.succeeded',
        timestamp: job.finishedAt,
        data: {
          jobId: job.id,
          run: 1,
          datasetId: job.dataset.id,
          counts: countsOf(reports.json),
        },
      });
      expect(receiver.received).toHaveLength(1);
    });

    it('sees what was delivered, and has it sent again under the same id', async () => {
      const [delivery] = await eventually(
        'the delivery is noted',
        async () => {
          const { data } = deliveryPageSchema.parse((await ask('GET', path('/deliveries'))).json);
          return data[0]?.state === 'succeeded' ? data : undefined;
        },
        PATIENCE_MS,
      );
      const first = await receiver.next(0);
      expect(delivery).toMatchObject({
        id: first.id,
        type: 'job.succeeded',
        attempts: [{ status: 200, answer: 'thanks', error: null }],
      });
      expect((await ask('POST', path(`/deliveries/${delivery?.id}/redeliver`))).status).toBe(202);
      const again = await receiver.next(1);
      expect([again.id, again.body]).toEqual([first.id, first.body]);
    });

    it('has both secrets count for a day after it changed them', async () => {
      const rotated = webhookSecretSchema.parse((await ask('POST', path('/rotate-secret'))).json);
      expect(rotated.secret).not.toBe(secret);
      expect((await ask('POST', path('/test'))).status).toBe(202);
      const message = await receiver.next(2);
      expect(JSON.parse(message.body).type).toBe('test');
      expect(message.signatures).toEqual([
        signatureOf(message, rotated.secret ?? ''),
        signatureOf(message, secret),
      ]);
    });

    it('hears of jobs that failed or were cancelled, each as what it is', async () => {
      const upload = await system.put(`uploads/${TENANT}/spring/poison.csv`, Buffer.from('a,b\n1,2\n'));
      const failed = await jobOfUpload(system, upload, 'FAILED');
      const told = JSON.parse((await receiver.next(3)).body);
      expect(told).toMatchObject({
        type: 'job.failed',
        data: { jobId: failed.id, error: { code: 'missing_columns' } },
      });
      const announced = await ask('POST', '/api/datasets', {
        name: 'Never',
        filename: 'never.csv',
        bytes: 10,
      });
      const jobId = String(Object(announced.json).job.id);
      const asked = jobAnswerSchema.parse((await ask('POST', `/api/jobs/${jobId}/cancel`)).json);
      expect(asked.state).toBe('CANCELLING');
      await reaches(system, { ...failed, id: jobId }, 'CANCELLED');
      expect(JSON.parse((await receiver.next(4)).body)).toMatchObject({
        type: 'job.cancelled',
        data: { jobId },
      });
    });

    it('hears nothing any more once it does not want to', async () => {
      const changed = webhookAnswerSchema.parse((await ask('PATCH', path(), { enabled: false })).json);
      expect(changed.disabled?.reason).toBe('request');
      const upload = await system.put(`uploads/${TENANT}/spring/quiet.csv`, smallExport(12));
      await jobOfUpload(system, upload, 'SUCCEEDED');
      expect((await ask('DELETE', path())).status).toBe(204);
      expect((await ask('GET', path('/deliveries'))).status).toBe(404);
      expect(receiver.received).toHaveLength(5);
    });
  });
}

/** What the engine's own document says of its creatives, counted one by one. */
function countsOf(text: string) {
  const { totals, items }: AnalysisDocument = JSON.parse(text);
  const analysed = items.filter(
    ({ metrics: { ctr, cpc } }) => !('excluded' in ctr) || (cpc !== null && !('excluded' in cpc)),
  );
  const count = (status: FatigueStatus) =>
    analysed.filter(({ verdict }) => verdict.fatigueStatus === status).length;
  return {
    creatives: totals.items,
    analysed: analysed.length,
    excluded: totals.excluded,
    terminalDecline: count('terminal_decline'),
    fatigued: count('fatigued'),
    earlyFatigue: count('early_fatigue'),
    healthy: count('healthy'),
    unknown: count('unknown'),
  };
}
