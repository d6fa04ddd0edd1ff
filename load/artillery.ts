import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Measurement, TaskResult } from './measurement.ts';
import type { UserProfile } from './profiles.ts';
import { environmentOf, scenarioOf, type UsersSettings } from './scenario.ts';
import { TASKS, type Task } from './tasks.ts';

const HERE = import.meta.dirname;
const PROGRAM = join(HERE, 'node_modules', 'artillery', 'bin', 'run');
const USERS = join(HERE, 'artillery-users.ts');

const summarySchema = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });

const reportSchema = z.object({
  aggregate: z.object({
    counters: z.record(z.string(), z.number()),
    summaries: z.record(z.string(), summarySchema),
    firstCounterAt: z.number(),
    lastCounterAt: z.number(),
  }),
});

type Report = z.infer<typeof reportSchema>['aggregate'];

/** Installs Artillery beside this file, unless it is there. Without scripts: one of them would download a browser. */
export async function installArtillery(print: (text: string) => void): Promise<void> {
  if (existsSync(PROGRAM)) return;
  print('Artillery is installed into load/ first, some 470 MB.\n');
  const status = await run('npm', ['ci', '--prefix', HERE, '--ignore-scripts'], {});
  if (status !== 0) throw new Error(`Artillery could not be installed: npm ended with ${status}.`);
}

/**
 * Lets Artillery play a number of users.
 *
 * @throws Error when it ends without a report
 */
export async function playUsers(
  profile: UserProfile,
  url: URL,
  settings: Omit<UsersSettings, 'seconds'>,
): Promise<Measurement> {
  const directory = mkdtempSync(join(tmpdir(), 'creative-dynamics-load-'));
  const at = (name: string) => join(directory, name);
  try {
    // Artillery would translate TypeScript itself, into a directory beside it; Node.js needs no translation.
    writeFileSync(at('users.mjs'), `export * from ${JSON.stringify(pathToFileURL(USERS).href)};\n`);
    writeFileSync(at('scenario.json'), JSON.stringify(scenarioOf(profile, url, at('users.mjs'))));
    const status = await run(
      process.execPath,
      [PROGRAM, 'run', '--quiet', '--output', at('report.json'), at('scenario.json')],
      {
        ...environmentOf({ ...settings, seconds: profile.seconds }),
        ARTILLERY_DISABLE_TELEMETRY: 'true',
      },
    );
    if (!existsSync(at('report.json'))) throw new Error(`Artillery ended with ${status}, without a report.`);
    return measurementOf(JSON.parse(readFileSync(at('report.json'), 'utf8')));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What a report of Artillery says. @throws ZodError when it is none */
export function measurementOf(report: unknown): Measurement {
  const { aggregate } = reportSchema.parse(report);
  return {
    results: TASKS.map((task) => resultOf(task, aggregate)),
    seconds: (aggregate.lastCounterAt - aggregate.firstCounterAt) / 1000,
    late: null,
  };
}

function resultOf(task: Task, { counters, summaries }: Report): TaskResult {
  const requests = counters[`${task.name}.requests`] ?? 0;
  const statuses = Object.entries(counters)
    .filter(([name]) => name.startsWith(`${task.name}.status.`))
    .map(([name, count]): [string, number] => [name.slice(`${task.name}.status.`.length), count]);
  const unanswered = statuses.reduce((left, [, count]) => left - count, requests);
  return {
    task,
    requests,
    failures: Object.fromEntries([
      ...statuses.filter(([status]) => status !== '200'),
      ...(unanswered > 0 ? [['no answer', unanswered]] : []),
    ]),
    cacheHits: counters[`${task.name}.hits`] ?? 0,
    ...(summaries[`${task.name}.ms`] ?? { p50: Number.NaN, p95: Number.NaN, p99: Number.NaN }),
  };
}

async function run(program: string, args: readonly string[], variables: Record<string, string>) {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  // What it prints is no result, and those alone go to stdout.
  const child = spawn(program, args, { stdio: ['ignore', 2, 2], env: { ...process.env, ...variables } });
  child.once('error', reject);
  child.once('close', resolve);
  return promise;
}
