import { expect, it } from 'vitest';
import type { Job } from '../../lambdas/contracts/job.ts';
import { eventually } from '../local/eventually.ts';
import { damage } from './damage.ts';
import { engineReports, packedExport, smallExport } from './exports.ts';
import { jobOfUpload, jobsOf, PATIENCE_MS, reaches, reportsOf, states, timeline } from './jobs.ts';
import { journeys } from './journeys.ts';
import type { Upload } from './system.ts';
import { killAll, statistics, whileHeld, withVisibility } from './workers.ts';

journeys('a failure', (system) => {
  /** Alerts that were published about a job. */
  const alertsAbout = ({ id }: Job) =>
    system.logs.filter(({ source, line }) => source === 'topics' && line.includes(id));

  /** Waits for the alert about a job. */
  async function alertAbout(job: Job): Promise<string> {
    const alerts = () => alertsAbout(job)[0];
    return (await eventually('the alert', alerts, PATIENCE_MS)).line;
  }

  it('a file that cannot be analysed fails its job, which says why, and a mended one of its name is a success', async () => {
    const key = 'uploads/acme/spring/poison.csv';
    const poison = await system.put(key, Buffer.from('advert,when\nA,2025-01-01\n'));
    const failed = await jobOfUpload(system, poison, 'FAILED');
    expect(failed.error).toMatchObject({ code: 'missing_columns', resumable: false });
    expect(failed.error?.message).toContain('impressions');
    expect(failed.error?.remedy).not.toBeNull();
    expect(await states(system, failed)).toEqual(['PENDING', 'PLANNING', 'PROCESSING', 'FAILED']);
    expect(await alertAbout(failed)).toContain('missing_columns');
    // The message has done what it was for; only what could succeed another time is a dead letter.
    expect(await system.messages('AnalysisDeadLettersUrl')).toBe(0);

    const file = smallExport();
    const mended = await jobOfUpload(system, await system.put(key, file), 'SUCCEEDED');
    const { payload } = await system.invoke('Redrive', { tenant: 'acme', jobId: failed.id });
    expect(payload).toEqual({ jobId: failed.id, state: 'PENDING', run: 2 });
    const redriven = await reaches(system, failed, 'SUCCEEDED');
    const reports = await engineReports(file);
    expect(await reportsOf(system, mended)).toEqual(reports);
    expect(await reportsOf(system, redriven)).toEqual(reports);
    expect(redriven.source).toEqual(mended.source);
    expect(await jobsOf(system, 'acme')).toHaveLength(2);
  });

  it('a storage that fails for a while costs an attempt, which the timeline tells, and no more', async () => {
    const file = smallExport(1);
    const { upload, mend } = await whileHeld(system, 'PlanUpload', async () => {
      const upload = await system.put('uploads/acme/spring/unlucky.csv', file);
      return { upload, mend: damage(system, upload) };
    });
    const waiting = await jobOfUpload(system, upload, 'PLANNING');
    const failure = async () =>
      (await timeline(system, waiting)).find(({ kind }) => kind === 'attempt_failed');
    expect(await eventually('a failed attempt', failure, PATIENCE_MS)).toMatchObject({
      state: 'PLANNING',
      task: 'plan',
      attempt: 1,
    });
    mend();
    const job = await reaches(system, waiting, 'SUCCEEDED');
    expect(await reportsOf(system, job)).toEqual(await engineReports(file));
    expect(alertsAbout(job)).toEqual([]);
  });

  it('a task whose every worker dies is given up with an alert and a dead letter, and redriving that queue finishes the job', async () => {
    const file = packedExport();
    let deadly: Upload | undefined;
    await withVisibility(system, 'SignatureQueueUrl', 2, async () => {
      const { failures } = statistics(system, 'ScanAndAnaly');
      deadly = await system.put('uploads/acme/spring/deadly.csv.gz', file);
      const fourDeaths = () => {
        if (statistics(system, 'ScanAndAnaly').failures - failures >= 4) return true;
        killAll(system, 'ScanAndAnaly');
        return undefined;
      };
      await eventually('four deaths', fourDeaths, PATIENCE_MS);
      await jobOfUpload(system, deadly, 'FAILED');
      const isDead = async () => ((await system.messages('SignatureDeadLettersUrl')) > 0 ? true : undefined);
      await eventually('a dead letter', isDead, PATIENCE_MS);
    });
    const failed = await jobOfUpload(system, deadly!, 'FAILED');
    expect(failed.error).toMatchObject({ code: 'internal', resumable: true });
    expect(failed.error?.message).toContain('died at every attempt');
    expect(await alertAbout(failed)).toContain('died at every attempt');

    const { payload } = await system.invoke('Redrive', { queue: 'signature' });
    expect(payload).toEqual({ jobs: [failed.id], redriven: 1, returned: 0, dropped: 0, left: 0 });
    const job = await reaches(system, failed, 'SUCCEEDED');
    expect(await reportsOf(system, job)).toEqual(await engineReports(file));
    expect((await timeline(system, job)).map(({ kind }) => kind)).toContain('redriven');
  });
});
