import { EventEmitter } from 'node:events';
import { readdirSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../lambdas/contracts/job.ts';
import type { JobProgress } from '../../lambdas/pipeline/read-progress.ts';
import { demonstrate } from '../../local/command-line/demonstration.ts';
import { catchInterruption } from '../../local/command-line/interruption.ts';
import { inventoryLines } from '../../local/command-line/inventory.ts';
import { jobProgressOn } from '../../local/command-line/job-progress.ts';
import { nextStepLines } from '../../local/command-line/next-steps.ts';
import { parseStartOptions } from '../../local/command-line/options.ts';
import { buildJob } from '../adapters/jobs.ts';
import { temporaryDirectory } from './temporary-directory.ts';

describe('Ctrl-C', () => {
  let target: EventEmitter;
  let ends: number;
  const listen = () => catchInterruption(target, () => ends++);
  beforeEach(() => {
    vi.useFakeTimers();
    target = new EventEmitter();
    ends = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('asks to stop, and a second one ends the process', () => {
    const { signal } = listen();
    expect(signal.aborted).toBe(false);
    target.emit('SIGINT');
    expect({ aborted: signal.aborted, ends }).toEqual({ aborted: true, ends: 0 });
    vi.advanceTimersByTime(500);
    target.emit('SIGTERM');
    expect(ends).toBe(1);
  });

  it('handed on by npm is the same one', () => {
    listen();
    target.emit('SIGINT');
    vi.advanceTimersByTime(50);
    target.emit('SIGINT');
    expect(ends).toBe(0);
  });

  it('ends the process well within five seconds when stopping takes too long', () => {
    listen();
    target.emit('SIGINT');
    vi.advanceTimersByTime(2000);
    expect(ends).toBe(0);
    vi.advanceTimersByTime(1500);
    expect(ends).toBe(1);
  });

  it('is the system’s again when the work is done', () => {
    const { release } = listen();
    target.emit('SIGINT');
    release();
    vi.advanceTimersByTime(10_000);
    expect({ ends, int: target.listenerCount('SIGINT'), term: target.listenerCount('SIGTERM') }).toEqual({
      ends: 0,
      int: 0,
      term: 0,
    });
  });
});

describe('options', () => {
  const parse = (...args: string[]) => parseStartOptions(args, () => undefined);

  it('are those of a start that keeps everything beside the checkout, unless given', () => {
    const ports = { port: 4566, apiPort: 8080 };
    const flags = { reset: false, once: false, quiet: false, sample: true, speed: 1 };
    expect(parse()).toEqual({ stage: 'dev', data: '.local', ...ports, ...flags });
    expect(
      parse(
        '--stage',
        'phase2',
        '--port=0',
        '--no-sample',
        '--environments',
        '3',
        '--speed',
        '60',
        '--reset',
      ),
    ).toMatchObject({
      stage: 'phase2',
      port: 0,
      sample: false,
      environments: 3,
      speed: 60,
      reset: true,
    });
  });

  it.each([
    [['--port', '65536'], 'It must be a port, 0 to 65535.'],
    [['--api-port', 'http'], 'It must be a port, 0 to 65535.'],
    [['--environments', '0'], 'It must be a whole number, 1 to 9999.'],
    [['--speed', '0.5'], 'It must be a whole number, 1 to 999.'],
    [['--stage', 'phase9'], 'Allowed choices are dev, phase1'],
    [['export.csv'], 'too many arguments'],
  ])('that are wrong are refused: %j', (args, sentence) => {
    expect(() => parse(...args)).toThrow(sentence);
  });
});

describe('the inventory', () => {
  const statistics = { invocations: 0, failures: 0, coldStarts: 0, peakConcurrency: 0, peakBytes: 0 };
  const cloud = {
    endpoint: 'http://127.0.0.1:4566',
    apiEndpoint: undefined,
    services: ['S3', 'Lambda'],
    notImitated: [],
    withoutEffect: {},
    resumedMessages: 0,
    statistics: () => ({ plan: statistics }),
  };

  it('says what there is in a line each', () => {
    expect(inventoryLines(cloud)).toEqual([
      '  AWS endpoint  http://127.0.0.1:4566',
      '  here          S3, Lambda',
      '                1 function, each in processes of its own with the permissions of its role',
    ]);
  });

  it('says what is absent and what has no effect, each kind once, in lines that fit', () => {
    const methods = Array.from({ length: 40 }, (_, i) => `AWS::ApiGateway::Method (api/M${i})`);
    const others = Array.from({ length: 9 }, (_, i) => `AWS::Service${i}::Resource (stack/R)`);
    const lines = inventoryLines({
      ...cloud,
      apiEndpoint: 'http://127.0.0.1:8080/dev',
      notImitated: [...methods, 'AWS::ApiGateway::Stage (api/S)', ...others, 'Rule: the target arn:aws:x'],
      withoutEffect: { 'AWS::CloudWatch::Alarm': 'no metrics', 'AWS::CloudWatch::Dashboard': 'no metrics' },
      resumedMessages: 2,
    });
    expect(lines[1]).toBe('  API           http://127.0.0.1:8080/dev');
    expect(lines.slice(4)).toEqual([
      '  no effect     CloudWatch Alarm, Dashboard: no metrics',
      '  absent        ApiGateway Method (40), Stage, Service0 Resource, Service1 Resource,',
      '                Service2 Resource, Service3 Resource, Service4 Resource, Service5 Resource,',
      '                Service6 Resource, Service7 Resource, Service8 Resource, Rule: the target arn:aws:x',
      '  resumed       2 interrupted messages',
    ]);
  });
});

/** Streams of a command, which are terminals or not, and what has been written to each. */
function streams(isTTY: boolean) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const terminal = { isTTY, columns: 100 };
  const io = {
    stdin,
    stdout: Object.assign(stdout, terminal),
    stderr: Object.assign(stderr, terminal),
    env: {},
  };
  const written = async () => {
    for (const stream of [stdout, stderr]) stream.end();
    return { stdout: await text(stdout), stderr: await text(stderr) };
  };
  return { io, written };
}

const progress = (percent: number, rowsRead: number): JobProgress => ({
  percent,
  etaSeconds: null,
  rowsRead,
  rowsRejected: 0,
  bytesRead: 0,
  chunks: null,
  shards: null,
});

describe('the next steps', () => {
  const cloud = {
    environment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' },
    outputs: { 'app-storage': { DataBucketName: 'data' } },
  };
  const about = { tenant: 'demo', data: '.local' };

  it('are commands for the bucket of this start', () => {
    const lines = nextStepLines({ ...cloud, apiEndpoint: undefined }, about);
    expect(lines).toContain('  export AWS_ENDPOINT_URL=http://127.0.0.1:4566');
    expect(lines).toContain('  aws s3 cp export.csv s3://data/uploads/demo/inbox/export.csv');
    expect(lines.join('\n')).not.toContain('curl');
    expect(lines.at(-1)).toMatch(/; npm run local:reset removes it\.$/);
    const elsewhere = nextStepLines({ ...cloud, apiEndpoint: undefined }, { ...about, data: 'other' });
    expect(elsewhere.at(-1)).toMatch(/; npm run local:reset -- --data other removes it\.$/);
  });

  it('ask the API where there is one', () => {
    const lines = nextStepLines({ ...cloud, apiEndpoint: 'http://127.0.0.1:8080/dev' }, about);
    expect(lines).toContain(
      "  curl -s -H 'Authorization: Bearer test-token' http://127.0.0.1:8080/dev/api/jobs",
    );
  });
});

describe('progress of a job', () => {
  const walk = async (isTTY: boolean) => {
    const { io, written } = streams(isTTY);
    const view = jobProgressOn(io);
    view.show(buildJob({ state: 'PLANNING' }), progress(0, 0));
    view.show(buildJob({ state: 'PLANNING' }), progress(0, 0));
    view.show(buildJob({ state: 'PROCESSING' }), progress(45, 12_000));
    view.show(buildJob({ state: 'SUCCEEDED' }), progress(100, 52_632));
    view.end();
    return (await written()).stderr;
  };

  it('is a line a state where nothing can be redrawn', async () => {
    expect(await walk(false)).toBe(
      '  PLANNING    the head of the file is read to decide where it is cut\n' +
        '  PROCESSING  chunks are scanned, then shards of creatives analysed\n',
    );
  });

  it('is a bar in one line of a terminal, which leaves nothing behind', async () => {
    const drawn = await walk(true);
    expect(drawn).not.toContain('\n');
    expect(drawn).toContain('█████████░░░░░░░░░░░  45 %  PROCESSING  12,000 rows');
    expect(drawn.endsWith('\r\u001b[K')).toBe(true);
  });
});

describe('the sample', () => {
  it('that was not analysed is an error with its reason, and leaves no report', async () => {
    const directory = temporaryDirectory();
    const { io, written } = streams(false);
    const error: Job['error'] = {
      code: 'missing_columns',
      message: 'There is no column for clicks.',
      remedy: 'Name it.',
      resumable: false,
      announced: true,
    };
    const code = await demonstrate({
      user: {
        upload: async () => 'v1',
        follow: async () => buildJob({ id: 'job_1', state: 'FAILED', error }),
        results: async () => expect.unreachable(),
        close: () => undefined,
      },
      tenant: 'demo',
      bucket: 'data',
      directory: directory.path,
      io,
      quiet: true,
      signal: new AbortController().signal,
    });
    expect(code).toBe(1);
    expect(await written()).toEqual({
      stdout: '',
      stderr: [
        'error: the sample was not analysed [missing_columns]',
        '  job_1 ended as FAILED: There is no column for clicks.',
        '  Try: Name it.',
        '',
      ].join('\n'),
    });
    expect(readdirSync(directory.path)).toEqual([]);
    directory.remove();
  });
});
