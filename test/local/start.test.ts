import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { descendantsOf } from '../../local/command-line/descendants.ts';
import { runCli } from '../cli/run-cli.ts';
import { eventually } from './eventually.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const START = root('local/start.ts');
const RESET = root('local/reset.ts');
const STARTUP_MS = 120_000;
const STOP_MS = 5_000;

const directory = temporaryDirectory();
afterAll(() => directory.remove());
const arguments_ = (...more: string[]) => [
  '--port',
  '0',
  '--api-port',
  '0',
  '--data',
  directory.path,
  ...more,
];

const running: ChildProcess[] = [];
afterEach(() => {
  for (const { pid, exitCode, signalCode } of running.splice(0)) {
    if (pid === undefined || exitCode !== null || signalCode !== null) continue;
    for (const id of [...descendantsOf(pid), pid]) if (isAlive(id)) process.kill(id, 'SIGKILL');
  }
});

/** `npm start` in a process of its own, while it runs. */
function start(...args: string[]) {
  const { NO_COLOR: _, FORCE_COLOR: __, COLUMNS: ___, ...env } = process.env;
  const child = spawn(process.execPath, [START, ...arguments_(...args)], { env });
  running.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const exitCode = once(child, 'close').then(([code]) => z.number().nullable().parse(code));
  return {
    output,
    exitCode,
    descendants: () => descendantsOf(child.pid!),
    /** Its functions' processes. */
    functions: () => descendantsOf(child.pid!).filter((id) => /\blocal\/lambda\//.test(commandOf(id))),
    press: () => child.kill('SIGINT'),
    says: (what: RegExp) => eventually(String(what), () => what.exec(output.stderr) ?? undefined, STARTUP_MS),
    /** Interrupts it. @returns its exit code, once it and all its processes are gone: at most five seconds later */
    async interrupt(): Promise<number | null> {
      const family = descendantsOf(child.pid!);
      const began = performance.now();
      child.kill('SIGINT');
      const code = await exitCode;
      await eventually('no process of it', () => (family.some(isAlive) ? undefined : true), STOP_MS);
      expect(performance.now() - began).toBeLessThan(STOP_MS);
      return code;
    },
  };
}

function commandOf(id: number): string {
  return spawnSync('ps', ['-o', 'args=', '-p', String(id)], { encoding: 'utf8' }).stdout;
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}

const jobOf = (stderr: string) => /SUCCEEDED +(job_\w+), 52,632 rows/.exec(stderr)?.[1];
const here = (name: string) => readFileSync(join(directory.path, name), 'utf8');

describe('npm start', () => {
  it('analyses the sample through the cloud and exits, then again with what it kept, until it is stopped and reset', {
    timeout: 3 * STARTUP_MS,
  }, async () => {
    const first = await runCli(arguments_('--once'), { script: START });
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/RISK[\s\S]*PLANTED +FOUND[\s\S]*\nno change: \d+ of 120 creatives/);
    expect(first.stderr).toMatch(/Up in [\d.]+ s\.[\s\S]* here +.*S3.*Lambda/);
    expect(first.stderr).not.toMatch(/\p{Cc}(?<!\n)| {4}at |Ctrl-C/u);
    expect(JSON.parse(here('report.json')).totals.items).toBe(200);
    expect(here('analysis_report.csv')).toMatch(/^Item ID,Total Spend \(GBP\),/);

    const second = start();
    await second.says(/Ctrl-C stops it/);
    expect(second.output.stdout).toBe(first.stdout);
    const jobs = [first.stderr, second.output.stderr].map(jobOf);
    expect(jobs).toEqual([expect.any(String), expect.any(String)]);
    expect(jobs[0]).not.toBe(jobs[1]);
    const [, bucket] = /aws s3 cp export.csv s3:\/\/([^/]+)\/uploads\/demo\//.exec(second.output.stderr)!;
    expect(here('outputs.json')).toContain(`"DataBucketName": "${bucket}"`);

    const beside = await runCli(arguments_(), { script: START });
    expect(beside).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`with the data in ${directory.path}`),
    });
    const held = await runCli(['--data', directory.path], { script: RESET });
    expect(held).toMatchObject({ code: 1, stderr: expect.stringContaining('A local cloud is running') });
    expect(await second.interrupt()).toBe(0);

    writeFileSync(join(directory.path, 'mine.txt'), '');
    expect((await runCli(['--data', directory.path], { script: RESET })).code).toBe(0);
    expect(readdirSync(directory.path).sort()).toEqual(['analysis_report.csv', 'mine.txt', 'report.json']);
  });

  it('stops with all its processes while the sample is being analysed', {
    timeout: 2 * STARTUP_MS,
  }, async () => {
    const started = start('--once');
    await started.says(/Uploaded /);
    const functions = await eventually('a function', () => {
      const found = started.functions();
      return found.length > 0 ? found : undefined;
    });
    // They cannot finish now, and only the strongest signal ends them.
    for (const id of functions) process.kill(id, 'SIGSTOP');
    expect(await started.interrupt()).toBe(130);
    expect(started.output.stderr).toContain('Stopped before it was done.');
    expect(started.output.stderr).not.toMatch(/SUCCEEDED|\b[Ee]rror\b/);
  });

  it('ends with all its processes at a second Ctrl-C when they do not stop', {
    timeout: 2 * STARTUP_MS,
  }, async () => {
    const started = start('--no-sample');
    await started.says(/Ctrl-C stops it/);
    const family = started.descendants();
    expect(family).not.toEqual([]);
    for (const id of family) process.kill(id, 'SIGSTOP');
    const began = performance.now();
    const pressing = setInterval(started.press, 100);
    expect(await started.exitCode).toBe(130);
    clearInterval(pressing);
    await eventually('no process of it', () => (family.some(isAlive) ? undefined : true), STOP_MS);
    // Sooner than it would have given up by itself.
    expect(performance.now() - began).toBeLessThan(2500);
    expect(started.output.stderr).toContain('Stopped.');
  });

  it('stops with all its processes while it starts', async () => {
    const started = start('--no-sample');
    await eventually('the synthesis', () => (started.descendants().length > 0 ? true : undefined));
    expect(await started.interrupt()).toBe(130);
    expect(started.output.stderr).not.toMatch(/AWS endpoint|error|Error/);
  });

  it('names a port that is in use and the option that changes it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = z.object({ port: z.number() }).parse(other.address());
    const { code, stderr } = await runCli(arguments_('--port', String(port), '--quiet'), { script: START });
    other.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^error: .*\\n  Port ${port} is in use\\..* --port\\.\\n$`));
  });

  it.each([
    [START, ['--twice'], "Unknown option '--twice'"],
    [RESET, ['--all'], "Unknown option '--all'"],
  ])('refuses wrong use with 2: %s %j', async (script, args, sentence) => {
    const { code, stdout, stderr } = await runCli(args, { script });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^error: the command cannot run like this \[usage\]\n[\s\S]*\n {2}Try: npm .* --help\n$/,
    );
    expect(stderr).toContain(sentence);
  });

  it('has help that fits a terminal', async () => {
    const { code, stdout, stderr } = await runCli(['--help'], { script: START });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Examples:\n {2}npm start /);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
