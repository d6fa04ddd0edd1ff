import { beforeEach, expect, it } from 'vitest';
import type { Job } from '../../lambdas/contracts/job.ts';
import { eventually } from '../local/eventually.ts';
import { damage } from './damage.ts';
import { packedExport, smallExport } from './exports.ts';
import { announce, jobOfUpload, jobStore, jobsOf, PATIENCE_MS, reaches, states, timeline } from './jobs.ts';
import { journeys } from './journeys.ts';
import { handled, sendLateTasks, whileHeld } from './workers.ts';

journeys('a job that is cancelled', (system) => {
  let name = 0;
  let key: string;
  beforeEach(() => {
    key = `uploads/acme/spring/${++name}`;
  });

  /** Asks a job to stop, and waits until it has. */
  async function cancel(job: Job): Promise<Job> {
    const { payload } = await system.invoke('Cancel', { tenant: job.tenant, jobId: job.id });
    expect(payload).toEqual({ jobId: job.id, state: 'CANCELLING' });
    return reaches(system, job, 'CANCELLED');
  }

  /** Waits until a message that the cancellation overtook was handled: it is of no use any more. */
  async function arrivesStale(message: string, about: Parameters<typeof handled>[1]): Promise<void> {
    const found = () => (handled(system, about).includes(`${message} stale`) ? true : undefined);
    await eventually(`a stale ${message} message`, found, PATIENCE_MS);
  }

  /** A cancelled job has no report, and nothing that still comes changes that. */
  async function expectOver(job: Job): Promise<void> {
    expect(await sendLateTasks(system, job)).toEqual([
      'analyse stale',
      'plan stale',
      'report stale',
      'scan stale',
    ]);
    expect(await jobStore(system).get({ tenant: job.tenant, jobId: job.id })).toEqual(job);
    expect(await system.versions(`reports/${job.tenant}/${job.id}/`)).toEqual({});
    expect((await states(system, job)).slice(-2)).toEqual(['CANCELLING', 'CANCELLED']);
  }

  it('while AWAITING_UPLOAD does not take the file that comes after all', async () => {
    const announced = await announce(system, 'late', 'a.csv');
    const cancelled = await cancel(announced);
    await system.put(announced.source.key, smallExport());
    await arrivesStale('uploaded', { key: announced.source.key });
    await expectOver(cancelled);
    expect(await jobsOf(system, 'late')).toEqual([cancelled]);
  });

  it('while PENDING is not planned', async () => {
    const poison = await system.put(`${key}.csv`, Buffer.from('a,b\n1,2\n'));
    const failed = await jobOfUpload(system, poison, 'FAILED');
    const cancelled = await whileHeld(system, 'PlanUpload', async ({ taken }) => {
      await system.invoke('Redrive', { tenant: 'acme', jobId: failed.id });
      await taken();
      return cancel(await reaches(system, failed, 'PENDING'));
    });
    await arrivesStale('plan', { jobId: failed.id });
    await expectOver(cancelled);
  });

  it('while PLANNING is not tried again', async () => {
    const { upload, mend } = await whileHeld(system, 'PlanUpload', async () => {
      const upload = await system.put(`${key}.csv`, smallExport());
      return { upload, mend: damage(system, upload) };
    });
    const job = await jobOfUpload(system, upload, 'PLANNING');
    const failures = async () => (await timeline(system, job)).find(({ kind }) => kind === 'attempt_failed');
    await eventually('a failed attempt', failures, PATIENCE_MS);
    const cancelled = await cancel(job);
    mend();
    await arrivesStale('plan', { jobId: job.id });
    await expectOver(cancelled);
  });

  it('while PROCESSING keeps nothing of what is still being done', async () => {
    const cancelled = await whileHeld(system, 'ScanAndAnaly', async ({ taken }) => {
      const upload = await system.put(`${key}.csv.gz`, packedExport());
      await taken();
      return cancel(await jobOfUpload(system, upload, 'PROCESSING'));
    });
    await arrivesStale('scan', { jobId: cancelled.id });
    await expectOver(cancelled);
  });

  it('while REPORTING gets no report', async () => {
    const cancelled = await whileHeld(system, 'WriteReport', async ({ taken }) => {
      const upload = await system.put(`${key}.csv.gz`, packedExport());
      await taken();
      return cancel(await jobOfUpload(system, upload, 'REPORTING'));
    });
    await arrivesStale('report', { jobId: cancelled.id });
    await expectOver(cancelled);
  });

  it('when it has SUCCEEDED stays what it is, and so do its reports', async () => {
    const upload = await system.put(`${key}.csv`, smallExport());
    const job = await jobOfUpload(system, upload, 'SUCCEEDED');
    const reports = await system.versions(`reports/acme/${job.id}/`);
    const { payload } = await system.invoke('Cancel', { tenant: 'acme', jobId: job.id });
    expect(payload).toEqual({ jobId: job.id, state: 'SUCCEEDED' });
    expect(await system.versions(`reports/acme/${job.id}/`)).toEqual(reports);
  });
});
