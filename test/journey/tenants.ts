import { expect, it } from 'vitest';
import { engineReports, packedExport, smallExport } from './exports.ts';
import { announce, jobOfUpload, jobStore, jobsOf, reportsOf } from './jobs.ts';
import { journeys } from './journeys.ts';
import { sendLateTasks } from './workers.ts';

journeys('two tenants', (system) => {
  it('with datasets of the same name get each their own results, also at the same time', async () => {
    const files = { acme: packedExport(1), umbra: packedExport(2) };
    const [acme, umbra] = await Promise.all([
      system.put('uploads/acme/spring/week.csv.gz', files.acme),
      system.put('uploads/umbra/spring/week.csv.gz', files.umbra),
    ]);
    const [ofAcme, ofUmbra] = await Promise.all([
      jobOfUpload(system, acme, 'SUCCEEDED'),
      jobOfUpload(system, umbra, 'SUCCEEDED'),
    ]);
    expect(await reportsOf(system, ofAcme)).toEqual(await engineReports(files.acme));
    expect(await reportsOf(system, ofUmbra)).toEqual(await engineReports(files.umbra));
    expect(await jobsOf(system, 'acme')).toEqual([ofAcme]);
    expect(await jobsOf(system, 'umbra')).toEqual([ofUmbra]);
  });

  it.for(['Cancel', 'Redrive'] as const)('cannot %s jobs of each other', async (operation) => {
    const job = await announce(system, 'acme', `${operation}.csv`);
    const answer = await system.invoke(operation, { tenant: 'umbra', jobId: job.id });
    expect(answer.failed).toBe(true);
    expect(answer.payload).toMatchObject({ errorMessage: `umbra has no job ${job.id}.` });
    expect(await jobStore(system).get({ tenant: 'acme', jobId: job.id })).toEqual(job);
  });

  it('cannot answer for each other with a file, although its key names the job', async () => {
    const job = await announce(system, 'acme', 'awaited.csv');
    const file = smallExport(3);
    const upload = await system.put(`uploads/umbra/spring/${job.id}/awaited.csv`, file);
    const other = await jobOfUpload(system, upload, 'SUCCEEDED');
    expect(other.tenant).toBe('umbra');
    expect(other.id).not.toBe(job.id);
    expect(await jobStore(system).get({ tenant: 'acme', jobId: job.id })).toEqual(job);
  });

  it('cannot have tasks of each other done, and find no results of them', async () => {
    const upload = await system.put('uploads/acme/spring/private.csv', smallExport(4));
    const job = await jobOfUpload(system, upload, 'SUCCEEDED');
    const forged = { ...job, tenant: 'umbra' };
    const outcomes = await sendLateTasks(system, forged);
    expect(outcomes.filter((outcome) => !outcome.endsWith(' stale'))).toEqual([]);
    expect(await reportsOf(system, forged)).toBeNull();
    expect(await jobStore(system).get({ tenant: 'umbra', jobId: job.id })).toBeNull();
    expect(await jobStore(system).get({ tenant: 'acme', jobId: job.id })).toEqual(job);
  });
});
