import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyzeRequestSchema } from '../../lambdas/contracts/api/analyze.ts';
import { readJsonItems } from '../../lambdas/domain/input/json.ts';
import { measurementOf } from '../../load/artillery.ts';
import { createBodies } from '../../load/bodies.ts';
import { errorsOf, isMet, percentile, type TaskResult } from '../../load/measurement.ts';
import { openLoop } from '../../load/open-loop.ts';
import { parseLoadOptions } from '../../load/options.ts';
import { reportOf } from '../../load/report.ts';
import { pickTask, TASKS } from '../../load/tasks.ts';
import { serve } from './server.ts';

const MAIN = fileURLToPath(new URL('../../load/run.ts', import.meta.url));
const LOCAL = '--target http://localhost:8080';

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { timeout: 30_000 }, (error, stdout, stderr) =>
      resolve({
        code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
        stdout,
        stderr,
      }),
    );
  });
}

/** Numbers that pick each task as often as it weighs, in 19 requests. */
function inTurn(): () => number {
  let i = 0;
  return () => ((i++ % 19) + 0.5) / 19;
}

function named(results: readonly TaskResult[], name: string): TaskResult {
  const found = results.find(({ task }) => task.name === name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
}

describe('requests', () => {
  it('come as often as the guide weighs them', () => {
    const parts = Array.from({ length: 19_000 }, (_, i) => pickTask((i + 0.5) / 19_000).name);
    const counts = TASKS.map(({ name }) => parts.filter((part) => part === name).length / 1000);
    expect(counts).toEqual([3, 10, 5, 1]);
    expect(() => pickTask(1)).toThrow(RangeError);
  });

  it.each([10, 100, 1000])('carry %i observations that the API takes, each of them', (items) => {
    const content = analyzeRequestSchema.parse(JSON.parse(createBodies('cold', 'r')(items)));
    const { partial } = readJsonItems({ items: content.items }, {});
    expect(content.items).toHaveLength(items);
    expect(partial).toMatchObject({ rowsRead: items, withSpend: true });
    expect(partial.tallies.map(({ rejections }) => rejections.total)).toEqual([0]);
  });

  it('are all different cold, and of a size the same warm, in every process of a run and in no other', () => {
    const [cold, same, other] = [
      createBodies('cold', 'r'),
      createBodies('cold', 'r'),
      createBodies('warm', 's'),
    ];
    const [warm, again] = [createBodies('warm', 'r'), createBodies('warm', 'r')];
    const bodies = Array.from({ length: 50 }, () => [cold(10), same(10)]).flat();
    expect(new Set(bodies).size).toBe(100);
    expect(new Set([warm(10), warm(10), again(10)]).size).toBe(1);
    expect(warm(10)).not.toBe(warm(100));
    expect(warm(10)).not.toBe(other(10));
  });
});

describe('requests at a rate', () => {
  it('do not wait for answers, and count their time from when they were due', async () => {
    const waiting: (() => void)[] = [];
    const { url, seen } = await serve((_, response) => {
      waiting.push(() => response.end('{}'));
      if (waiting.length === 20) for (const answer of waiting) answer();
    });
    const nextBody = createBodies('cold', 'r');
    const { results, late, seconds } = await openLoop({
      ...{ url, token: 't', nextBody, random: inTurn() },
      ...{ perMinute: 2400, seconds: 0.5 },
    });
    expect(seen).toHaveLength(20);
    expect(results.reduce((sum, { requests }) => sum + requests, 0)).toBe(20);
    // The first was due 475 ms before the last was sent, and nobody was answered earlier.
    expect(Math.max(...results.map(({ p99 }) => p99 || 0))).toBeGreaterThan(460);
    expect(seconds).toBeGreaterThan(0.47);
    expect(late).toBeGreaterThanOrEqual(0);
  });

  it('are errors unless they are answered with 200, and are told by kind', async () => {
    const { url, seen } = await serve(({ path, authorization, body }, response) => {
      if (path === '/v1/health') response.end('{}');
      else if (body.length > 100_000) response.destroy();
      else if (body.length > 5000) response.writeHead(429).end();
      else
        response
          .writeHead(authorization === 'Bearer t' ? 200 : 401, { 'Cache-Status': 'x; hit; ttl=9' })
          .end();
    });
    const nextBody = createBodies('cold', 'r');
    const { results } = await openLoop({
      url,
      token: 't',
      nextBody,
      perMinute: 6000,
      seconds: 0.95,
      random: inTurn(),
    });
    const at = (name: string) => named(results, name);
    expect(at('large').failures).toEqual({ ECONNRESET: at('large').requests });
    expect(at('medium').failures).toEqual({ 429: at('medium').requests });
    expect(at('small')).toMatchObject({ failures: {}, cacheHits: at('small').requests });
    expect(at('health')).toMatchObject({ failures: {}, cacheHits: 0 });
    expect(results.map(({ requests }) => requests)).toEqual([15, 50, 25, 5]);
    expect(seen.filter(({ path }) => path === '/v1/health')).toHaveLength(15);
  });
});

describe('a measurement', () => {
  const summary = { min: 1, max: 9, p50: 2, p95: 199, p99: 400 };
  const report = {
    aggregate: {
      counters: {
        'health.requests': 30,
        'health.status.200': 30,
        'small.requests': 100,
        'small.status.200': 90,
        'small.status.503': 7,
        'small.hits': 40,
        'large.requests': 10,
        'large.status.200': 10,
        'vusers.created': 100,
      },
      summaries: { 'health.ms': summary, 'small.ms': summary, 'large.ms': { ...summary, p95: 1000 } },
      firstCounterAt: 1000,
      lastCounterAt: 61_000,
    },
  };

  it('is read out of a report of Artillery', () => {
    const { results, seconds } = measurementOf(report);
    expect(seconds).toBe(60);
    expect(named(results, 'small')).toMatchObject({
      ...{ requests: 100, cacheHits: 40, p50: 2, p95: 199, p99: 400 },
      failures: { 503: 7, 'no answer': 3 },
    });
    expect(results.map(isMet)).toEqual([true, false, false, false]);
    expect(results.map(errorsOf)).toEqual([0, 10, 0, 0]);
    expect(() => measurementOf({})).toThrow(/aggregate/);
  });

  it('is printed as a table with what was missed and why', () => {
    const lines = reportOf('A title', measurementOf(report)).split('\n');
    expect(lines[0]).toBe('A title');
    expect(lines[2]).toMatch(/^health +30 +30 +2\.0 +199\.0 +400\.0 +< 200 +0 +met$/);
    expect(lines[3]).toMatch(/^small +100 +100 +2\.0 +199\.0 +400\.0 +< 200 +10 +40\.0 % +MISSED$/);
    expect(lines[4]).toMatch(/^medium +0 +0 +– +– +– +< 200 +0 +0\.0 % +MISSED$/);
    expect(lines.slice(6)).toEqual([
      '140 requests in 60.0 s, 140 a minute',
      'small: 7 × 503',
      'small: 3 × no answer',
      '',
    ]);
  });

  it('has percentiles by nearest rank', () => {
    const sorted = Float64Array.from({ length: 200 }, (_, i) => i + 1);
    expect([0.5, 0.95, 0.99].map((share) => percentile(sorted, share))).toEqual([100, 190, 198]);
    expect(percentile(new Float64Array(0), 0.95)).toBeNaN();
  });
});

describe('npm run load', () => {
  const parse = (line: string, token?: string) =>
    parseLoadOptions(line.split(' '), { CREATIVE_DYNAMICS_TOKEN: token }, () => undefined);

  it('takes the token of the line, then of the environment, then on this machine test-token', () => {
    expect(parse(`${LOCAL} --token a`, 'b').token).toBe('a');
    expect(parse(LOCAL, 'b').token).toBe('b');
    expect(parse(LOCAL).token).toBe('test-token');
    expect(() => parse('--target https://api.example.com/v1')).toThrow(/a token is required/);
  });

  it('runs the guide’s scenario cold and warm unless told otherwise, below the path of the target', () => {
    expect(parse(LOCAL)).toMatchObject({ profile: 'guide', cache: ['cold', 'warm'] });
    expect(parse(`${LOCAL} --cache warm`).cache).toEqual(['warm']);
    expect(new URL('health', parse('--target http://localhost/v1').target).href).toBe(
      'http://localhost/v1/health',
    );
  });

  it('wants a token of another tenant for a storm', () => {
    const other = { CREATIVE_DYNAMICS_OTHER_TOKEN: 'c' };
    const asked = parseLoadOptions(`${LOCAL} --profile storm`.split(' '), other, () => undefined);
    expect(asked).toMatchObject({ profile: 'storm', token: 'test-token', otherToken: 'c' });
    expect(parse(`${LOCAL} --profile storm --other-token d --uploads 7`)).toMatchObject({
      otherToken: 'd',
      uploads: 7,
    });
    expect(() => parse(`${LOCAL} --profile storm`)).toThrow(/another tenant/);
  });

  it('prints its help to stdout, and refuses what it does not know', async () => {
    const help = await run('--help');
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(/^Examples:\n {2}npm run load -- --target /);
    expect(Math.max(...help.stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(await run('--target', 'ftp://x')).toMatchObject({ code: 2, stdout: '' });
    expect(await run()).toMatchObject({ code: 2, stdout: '' });
  });

  it('measures, and ends with 0 when every target is met and with 1 otherwise', async () => {
    const good = await serve();
    const args = ['--profile', 'steady', '--seconds', '4', '--rate', '6000', '--cache', 'warm'];
    const met = await run('--target', good.url.href, ...args);
    expect(met).toMatchObject({ code: 0, stderr: expect.stringContaining('cache warm …') });
    expect(met.stdout.match(/ met$/gm)).toHaveLength(4);
    expect(good.seen).toHaveLength(4 + 400);

    let healths = 0;
    const bad = await serve(({ path }, response) => {
      const isLater = path === '/v1/health' && healths++ > 0;
      response.writeHead(isLater ? 500 : 200).end();
    });
    const missed = await run('--target', bad.url.href, ...args);
    expect(missed.code).toBe(1);
    expect(missed.stdout).toMatch(/^health: \d+ × 500$/m);
  });

  it('says so when the deployment does not answer at all', async () => {
    const { url } = await serve((_, response) => void response.writeHead(401).end('no'));
    const { code, stderr } = await run('--target', url.href, '--profile', 'steady');
    expect(code).toBe(1);
    expect(stderr).toContain('/v1/health answered 401: no');
  });
});
