import { describe, expect, it } from 'vitest';
import { parseMessage, QUEUE_OF, workMessageSchema } from '../../lambdas/contracts/messages.ts';
import {
  announcedUploadKey,
  documentKey,
  isSidecarKey,
  manifestKey,
  parseUploadKey,
  partialKey,
  payloadKey,
  reportCsvKey,
  shardKey,
  sidecarKey,
} from '../../lambdas/contracts/object-keys.ts';
import { jobIdOf } from '../../lambdas/domain/job/job-id.ts';

const jobId = jobIdOf(1_700_000_000_000, 'x');

describe('messages', () => {
  it('of S3 are read as EventBridge sends them', () => {
    const event = {
      version: '0',
      id: '17793124-05d4-b198-2fde-7ededc63b103',
      'detail-type': 'Object Created',
      source: 'aws.s3',
      account: '111122223333',
      time: '2026-01-05T12:00:01Z',
      region: 'eu-west-2',
      resources: ['arn:aws:s3:::data'],
      detail: {
        version: '0',
        bucket: { name: 'data' },
        object: {
          key: 'uploads/acme/inbox/spring & more.csv',
          size: 5,
          etag: 'b1946ac92492d2347c6235b4d2611184',
          'version-id': 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
          sequencer: '00617F08299329D189',
        },
        reason: 'PutObject',
      },
    };
    expect(parseMessage(JSON.stringify(event))).toEqual({
      type: 'uploaded',
      key: 'uploads/acme/inbox/spring & more.csv',
      versionId: 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
      etag: 'b1946ac92492d2347c6235b4d2611184',
      bytes: 5,
      at: Date.UTC(2026, 0, 5, 12, 0, 1),
    });
  });

  it.each([
    { type: 'plan', tenant: 'acme', jobId, run: 1 },
    { type: 'cancel', tenant: 'acme', jobId },
    { type: 'scan', tenant: 'acme', jobId, run: 1, round: 0, chunk: 3, first: null },
    { type: 'analyse', tenant: 'acme', jobId, run: 2, shard: 0 },
    { type: 'report', tenant: 'acme', jobId, run: 1 },
  ] as const)('of the pipeline come back as they were sent: $type', (message) => {
    expect(parseMessage(JSON.stringify(message))).toEqual(message);
    expect(QUEUE_OF[message.type]).toMatch(/^(analysis|signature|report)$/);
    const asked = { ...message, requestId: 'req_01KA0000000000000000000000' };
    expect(parseMessage(JSON.stringify(asked))).toEqual(asked);
    // A newer version says more than this one knows.
    expect(parseMessage(JSON.stringify({ ...asked, newer: { than: 'this' } }))).toEqual(asked);
    expect(() => parseMessage(JSON.stringify({ ...message, requestId: 'req_ or 1=1' }))).toThrow();
    expect(() => parseMessage(JSON.stringify({ ...message, tenant: '../globex' }))).toThrow();
  });

  it('of anybody else are refused', () => {
    for (const body of ['', '{}', 'null', '{"type":"delete"}', '{"source":"aws.s3"}', 'plan']) {
      expect(() => parseMessage(body)).toThrow();
    }
    expect(workMessageSchema.options).toHaveLength(Object.keys(QUEUE_OF).length);
  });
});

describe('object keys', () => {
  const run = { tenant: 'acme', jobId, run: 2 };

  it('have tenant, job and run in them', () => {
    expect(partialKey(run, { start: 0, end: 10 }, 4)).toBe(`partials/acme/${jobId}/2/0-10-4.cdpt`);
    expect(manifestKey(run)).toBe(`partials/acme/${jobId}/2/manifest.json`);
    expect(shardKey(run, 3, 8)).toBe(`results/acme/${jobId}/2/shard-3-of-8.jsonl`);
    expect(documentKey(run)).toBe(`reports/acme/${jobId}/2/result.json`);
    expect(reportCsvKey(run)).toBe(`reports/acme/${jobId}/2/analysis_report.csv`);
    expect(payloadKey(run)).toBe(`payloads/acme/${jobId}.json`);
  });

  it('of uploads are read back, whatever the name of the file', () => {
    const announced = { tenant: 'acme', dataset: 'ds_1', jobId, fileName: 'a b+c%20/é.csv' };
    expect(parseUploadKey(announcedUploadKey(announced))).toEqual(announced);
    const inbox = { tenant: 'acme', dataset: 'inbox', jobId: null, fileName: 'x/y.csv' };
    expect(parseUploadKey('uploads/acme/inbox/x/y.csv')).toEqual(inbox);
    for (const key of [
      'uploads/acme/inbox',
      'uploads/acme/inbox/',
      'uploads//inbox/x',
      'results/acme/inbox/x',
    ]) {
      expect(parseUploadKey(key)).toBeNull();
    }
  });

  it('tell a file from what says how to read it', () => {
    expect(isSidecarKey(sidecarKey('uploads/acme/inbox/x.csv'))).toBe(true);
    expect(isSidecarKey('uploads/acme/inbox/x.json')).toBe(false);
    expect(isSidecarKey('uploads/acme/inbox/x.csv')).toBe(false);
  });
});
