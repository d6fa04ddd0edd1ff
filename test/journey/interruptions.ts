import { expect, it } from 'vitest';
import { jobIdOf } from '../../lambdas/domain/job/job-id.ts';
import { eventually } from '../local/eventually.ts';
import { engineReports, largeExport, packedExport, smallExport } from './exports.ts';
import {
  announce,
  chunksDone,
  jobOfUpload,
  jobStore,
  jobsOf,
  PATIENCE_MS,
  reaches,
  reportsOf,
  timeline,
} from './jobs.ts';
import { journeys } from './journeys.ts';
import type { Upload } from './system.ts';
import { handled, sendTasks, statistics, whileHeld, withVisibility } from './workers.ts';

/** Long enough for a task, even on a busy machine, and short enough to wait for. */
const VISIBILITY_SECONDS = 5;

journeys('an interruption', (system) => {
  /** What EventBridge sends about an upload. */
  function eventOf({ key, version, etag, bytes }: Upload, at: number): object {
    const object = { key, size: bytes, etag, 'version-id': version };
    return {
      source: 'aws.s3',
      'detail-type': 'Object Created',
      time: new Date(at).toISOString(),
      detail: { bucket: { name: 'data' }, object },
    };
  }

  it('events and messages that come more than once are one job with one result', async () => {
    const announced = await announce(system, 'twice', 'a.csv.gz');
    const file = packedExport();
    const upload = await system.put(announced.source.key, file);
    const again = async () => {
      await system.send('AnalysisQueueUrl', eventOf(upload, Date.now()));
      await sendTasks(system, announced);
    };
    await Promise.all([again(), again()]);
    const job = await reaches(system, announced, 'SUCCEEDED');
    expect(await reportsOf(system, job)).toEqual(await engineReports(file));
    const versions = await system.versions(`reports/twice/${job.id}/`);

    await again();
    const areTold = () => (handled(system, { key: upload.key }).length === 4 ? true : undefined);
    await eventually('the end of all events', areTold, PATIENCE_MS);
    const areDone = () => (handled(system, { jobId: job.id }).length >= 4 * 4 ? true : undefined);
    await eventually('the end of all tasks', areDone, PATIENCE_MS);
    expect(await jobsOf(system, 'twice')).toEqual([job]);
    expect(await system.versions(`reports/twice/${job.id}/`)).toEqual(versions);
  });

  it('an event about a file that nobody announced names the same job when it comes again', async () => {
    const upload = await system.put('uploads/unannounced/inbox/a.csv', smallExport());
    const job = await jobOfUpload(system, upload, 'SUCCEEDED');
    // The job's id tells the second of the event, which the copy of it has too.
    const second = Math.floor(Date.parse(job.createdAt) / 1000) * 1000;
    const seconds = Array.from({ length: 60 }, (_, ago) => second - ago * 1000);
    const at = seconds.find((time) => jobIdOf(time, `${upload.key}\n${upload.version}`) === job.id);
    await system.send('AnalysisQueueUrl', eventOf(upload, at!));
    const isTold = () => (handled(system, { key: upload.key }).includes('uploaded stale') ? true : undefined);
    await eventually('the copy of the event', isTold, PATIENCE_MS);
    expect(await jobsOf(system, 'unannounced')).toEqual([job]);
  });

  it('a worker that wakes up when another has done its task changes nothing', async () => {
    await withVisibility(system, 'SignatureQueueUrl', VISIBILITY_SECONDS, async () => {
      const file = packedExport(1);
      const { job, versions } = await whileHeld(system, 'ScanAndAnaly', async ({ taken }) => {
        const upload = await system.put('uploads/acme/spring/straggler.csv.gz', file);
        await taken();
        const job = await jobOfUpload(system, upload, 'SUCCEEDED');
        return { job, versions: await system.versions(`reports/acme/${job.id}/`) };
      });
      const straggled = () => (handled(system, { jobId: job.id }).includes('scan stale') ? true : undefined);
      await eventually('the end of the straggler', straggled, PATIENCE_MS);
      expect(await reportsOf(system, job)).toEqual(await engineReports(file));
      expect(await system.versions(`reports/acme/${job.id}/`)).toEqual(versions);
      expect(await jobStore(system).get({ tenant: 'acme', jobId: job.id })).toEqual(job);
    });
  });

  it('a worker that is killed over a chunk is replaced, and nothing is lost or counted twice', async () => {
    await withVisibility(system, 'SignatureQueueUrl', VISIBILITY_SECONDS, async () => {
      const file = largeExport(2);
      const upload = await whileHeld(system, 'ScanAndAnaly', async ({ taken, kill }) => {
        const { failures } = statistics(system, 'ScanAndAnaly');
        const upload = await system.put('uploads/acme/spring/killed.csv', file);
        await taken();
        kill();
        const isNoticed = () => (statistics(system, 'ScanAndAnaly').failures > failures ? true : undefined);
        await eventually('the death of the worker', isNoticed, PATIENCE_MS);
        return upload;
      });
      const job = await jobOfUpload(system, upload, 'SUCCEEDED');
      expect(await reportsOf(system, job)).toEqual(await engineReports(file));
    });
  });

  it('a job goes on where it was when everything is switched off and on in the middle of it', async () => {
    const file = largeExport(2);
    const upload = await whileHeld(system, 'ScanAndAnaly', async () => {
      const upload = await system.put('uploads/acme/spring/restarted.csv', file);
      const job = await jobOfUpload(system, upload, 'PROCESSING');
      const other = async () => ((await chunksDone(system, job)) === 1 ? true : undefined);
      await eventually('the chunk that is not held', other, PATIENCE_MS);
      await system.restart();
      return upload;
    });
    expect(system.cloud.resumedMessages).toBeGreaterThanOrEqual(1);
    const job = await jobOfUpload(system, upload, 'SUCCEEDED');
    expect(await reportsOf(system, job)).toEqual(await engineReports(file));
    // Its own messages did it, not the sweeper.
    expect((await timeline(system, job)).map(({ kind }) => kind)).not.toContain('resent');
  });
});
