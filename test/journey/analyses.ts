import { zstdCompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { engineReports, largeExport, packedExport, smallExport } from './exports.ts';
import { jobOfUpload, reportsOf, states, timeline } from './jobs.ts';
import { journeys } from './journeys.ts';

journeys('a file put into the bucket', (system) => {
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
