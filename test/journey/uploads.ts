import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { engineReports, largeExport, packedExport, smallExport } from './exports.ts';
import { announce, jobOfUpload, jobStore, jobsOf, reportsOf, states, timeline } from './jobs.ts';
import { journeys } from './journeys.ts';
import { sendLateTasks } from './workers.ts';

journeys('an upload', (system) => {
  describe('of one file', () => {
    it('that is small is analysed, with the bytes that the engine writes', async () => {
      const file = smallExport();
      const upload = await system.put('uploads/acme/spring/small.csv', file);
      const job = await jobOfUpload(system, upload, 'SUCCEEDED');
      const reports = await engineReports(file);
      expect(await reportsOf(system, job)).toEqual(reports);
      expect(await states(system, job)).toEqual(['PENDING', 'PLANNING', 'PROCESSING', 'SUCCEEDED']);
      const { rows, totals } = JSON.parse(reports.json);
      expect(job).toMatchObject({ dataset: { id: 'spring', name: 'small.csv' }, totals, error: null });
      expect(job.rows).toEqual({ read: rows.read, rejected: rows.rejected });
      expect(totals).toMatchObject({ items: 6, analysed: 6 });
    });

    it('as a Zstandard archive gives the bytes of the file in it', async () => {
      const file = smallExport(1);
      const upload = await system.put('uploads/acme/spring/small.csv.zst', zstdCompressSync(file));
      const job = await jobOfUpload(system, upload, 'SUCCEEDED');
      expect(await reportsOf(system, job)).toEqual(await engineReports(file));
    });

    it('as a large gzip archive is read by one worker, analysed by several, and reported by another', async () => {
      const file = packedExport(2);
      const upload = await system.put('uploads/acme/spring/large.csv.gz', file);
      const job = await jobOfUpload(system, upload, 'SUCCEEDED');
      expect(job.plan).toMatchObject({ kind: 'stream', shards: 2 });
      expect(await reportsOf(system, job)).toEqual(await engineReports(file));
    });

    it('of several chunks is cut anywhere, even inside of a note that reads like rows', async () => {
      const file = largeExport(3);
      const upload = await system.put('uploads/acme/spring/large.csv', file);
      const job = await jobOfUpload(system, upload, 'SUCCEEDED');
      expect(job.plan).toMatchObject({ kind: 'ranges', chunks: 3, shards: 2 });
      expect(await reportsOf(system, job)).toEqual(await engineReports(file));
      expect(await states(system, job)).toEqual([
        'PENDING',
        'PLANNING',
        'PROCESSING',
        'REPORTING',
        'SUCCEEDED',
      ]);
      const rescans = (await timeline(system, job)).filter(({ kind }) => kind === 'rescan');
      expect(rescans).toHaveLength(1);
    });
  });

  describe('of each of two tenants', () => {
    it('gets each its own results, although the datasets have one name and come at one time', async () => {
      const files = { corax: packedExport(1), umbra: packedExport(2) };
      const [corax, umbra] = await Promise.all([
        system.put('uploads/corax/spring/week.csv.gz', files.corax),
        system.put('uploads/umbra/spring/week.csv.gz', files.umbra),
      ]);
      const [ofCorax, ofUmbra] = await Promise.all([
        jobOfUpload(system, corax, 'SUCCEEDED'),
        jobOfUpload(system, umbra, 'SUCCEEDED'),
      ]);
      expect(await reportsOf(system, ofCorax)).toEqual(await engineReports(files.corax));
      expect(await reportsOf(system, ofUmbra)).toEqual(await engineReports(files.umbra));
      expect(await jobsOf(system, 'corax')).toEqual([ofCorax]);
      expect(await jobsOf(system, 'umbra')).toEqual([ofUmbra]);
    });

    it.for(['Cancel', 'Redrive'] as const)('lets neither %s jobs of the other', async (operation) => {
      const job = await announce(system, 'corax', `${operation}.csv`);
      const answer = await system.invoke(operation, { tenant: 'umbra', jobId: job.id });
      expect(answer.failed).toBe(true);
      expect(answer.payload).toMatchObject({ errorMessage: `umbra has no job ${job.id}.` });
      expect(await jobStore(system).get({ tenant: 'corax', jobId: job.id })).toEqual(job);
    });

    it('starts no job of the other, although its key names one that waits', async () => {
      const job = await announce(system, 'corax', 'awaited.csv');
      const file = smallExport(3);
      const upload = await system.put(`uploads/umbra/spring/${job.id}/awaited.csv`, file);
      const other = await jobOfUpload(system, upload, 'SUCCEEDED');
      expect(other.tenant).toBe('umbra');
      expect(other.id).not.toBe(job.id);
      expect(await jobStore(system).get({ tenant: 'corax', jobId: job.id })).toEqual(job);
    });

    it('lets neither have tasks of the other done, nor find results of it', async () => {
      const upload = await system.put('uploads/corax/spring/private.csv', smallExport(4));
      const job = await jobOfUpload(system, upload, 'SUCCEEDED');
      const forged = { ...job, tenant: 'umbra' };
      const outcomes = await sendLateTasks(system, forged);
      expect(outcomes.filter((outcome) => !outcome.endsWith(' stale'))).toEqual([]);
      expect(await reportsOf(system, forged)).toBeNull();
      expect(await jobStore(system).get({ tenant: 'umbra', jobId: job.id })).toBeNull();
      expect(await jobStore(system).get({ tenant: 'corax', jobId: job.id })).toEqual(job);
    });
  });
});
