/**
 * The whole local cloud: `node bench/cloud.ts [--mebibytes 1024] [--datasets 1000]`, or as part of `npm run bench`. One
 * large file beside the bare engine on the same file, many creatives until they are listed, many small datasets, the
 * bundled sample again and again, and what an invocation costs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type LocalCloud, startLocalCloud } from '../local/local-cloud.ts';
import { type BenchClient, benchClient } from './cloud/client.ts';
import { creativeRows } from './cloud/creatives.ts';
import { bundleRows, invocationRows } from './cloud/invocations.ts';
import { type BenchRow, printRows } from './row.ts';
import { writeSorted } from './scan/rows.ts';

interface CloudBenchOptions {
  readonly mebibytes?: number;
  readonly datasets?: number;
}

const ROW_BYTES = 91.7;
const WORKERS = 2;
const SAMPLE = join(import.meta.dirname, '..', 'sample', 'creative-export.csv.gz');
const SAMPLE_ROUNDS = 20;
const UPLOADS_AT_A_TIME = 8;
/** Of the bare engine's wall time on the same file, with two workers on two cores. */
const MOST_OF_ENGINE = 2.5;
const MOST_FUNCTION_MB = 512;

/** Rows of the benchmark of the whole system. */
export async function cloudBench({
  mebibytes = 1024,
  datasets = 1000,
}: CloudBenchOptions = {}): Promise<BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), 'creative-dynamics-cloud-'));
  try {
    return [
      ...bundleRows(),
      ...(await withCloud(join(directory, 'small'), undefined, async (cloud, client) => [
        ...(await invocationRows(cloud)),
        ...(await sampleRows(client)),
        await manyRow(client, datasets),
      ])),
      ...(await withCloud(join(directory, 'creatives'), WORKERS, (cloud, client) =>
        creativeRows(cloud, client, directory),
      )),
      ...(await withCloud(join(directory, 'large'), WORKERS, (cloud, client) =>
        largeRows(cloud, client, join(directory, 'large.csv'), mebibytes),
      )),
    ];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function withCloud<T>(
  dataDirectory: string,
  maxEnvironments: number | undefined,
  work: (cloud: LocalCloud, client: BenchClient) => Promise<T>,
): Promise<T> {
  const limit = maxEnvironments === undefined ? {} : { maxEnvironments };
  const cloud = await startLocalCloud({ dataDirectory, ports: { aws: 0, api: 0 }, ...limit });
  const client = benchClient(cloud);
  try {
    return await work(cloud, client);
  } finally {
    client.close();
    await cloud.stop();
  }
}

/** From the answer to the upload until the job is seen to have succeeded, for the sample again and again. */
async function sampleRows(client: BenchClient): Promise<BenchRow[]> {
  const sample = readFileSync(SAMPLE);
  const seconds: number[] = [];
  for (let i = 0; i < SAMPLE_ROUNDS; i++) {
    const tenant = `sample-${i}`;
    await client.upload(`uploads/${tenant}/inbox/export.csv.gz`, sample);
    const started = performance.now();
    await client.finished(tenant, 1);
    seconds.push((performance.now() - started) / 1000);
  }
  seconds.sort((a, b) => a - b);
  const at = (share: number) => seconds[Math.ceil(share * seconds.length) - 1] ?? Number.NaN;
  const name = 'the sample from upload to SUCCEEDED';
  return [
    { name: `${name}, p50`, value: at(0.5), unit: 's' },
    { name: `${name}, p95`, value: at(0.95), unit: 's' },
  ];
}

async function manyRow(client: BenchClient, datasets: number): Promise<BenchRow> {
  const csv = smallCsv();
  const started = performance.now();
  const next = Array.from({ length: datasets }, (_, i) => i)[Symbol.iterator]();
  const uploader = async () => {
    for (const i of next) await client.upload(`uploads/many/inbox/export-${i}.csv`, csv);
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_A_TIME }, uploader));
  await client.finished('many', datasets);
  const minutes = (performance.now() - started) / 60_000;
  return {
    name: `${datasets} datasets of 10 creatives × 30 days`,
    value: datasets / minutes,
    unit: 'jobs/min',
  };
}

function smallCsv(): string {
  const rows = ['ad_name,day,impressions,clicks,spend'];
  for (let i = 0; i < 300; i++) {
    const day = new Date(Date.UTC(2025, 0, 1 + Math.floor(i / 10))).toISOString().slice(0, 10);
    rows.push(`Creative ${i % 10},${day},${1000 + 7 * i},${20 + (i % 13)},${10 + (i % 5)}.50`);
  }
  return rows.join('\n');
}

async function largeRows(
  cloud: LocalCloud,
  client: BenchClient,
  path: string,
  mebibytes: number,
): Promise<BenchRow[]> {
  writeSorted(path, Math.ceil((mebibytes * 2 ** 20) / ROW_BYTES));
  const megabytes = statSync(path).size / 1e6;
  const engine = engineSeconds(path);
  await client.uploadFile('uploads/large/inbox/export.csv', path);
  const started = performance.now();
  await client.finished('large', 1);
  const seconds = (performance.now() - started) / 1000;
  await settled(cloud);
  const ratio = seconds / engine;
  const size = `${Math.round(megabytes)} MB`;
  return [
    {
      name: `${size} through the local cloud, ${WORKERS} workers`,
      value: seconds,
      unit: 's',
      peer: `the bare engine, ${engine.toFixed(1)} s`,
      ratio,
      target: `≤ ${MOST_OF_ENGINE}`,
      met: ratio <= MOST_OF_ENGINE,
    },
    { name: `${size} through the local cloud`, value: megabytes / seconds, unit: 'MB/s' },
    ...Object.entries(cloud.statistics()).flatMap(([name, { invocations, peakBytes }]) =>
      invocations === 0 ? [] : [memoryRow(name, peakBytes)],
    ),
  ];
}

/** Waits until the functions that worked on the job have ended, and so have said how much memory they took. */
async function settled(cloud: LocalCloud): Promise<void> {
  const isOver = () =>
    Object.values(cloud.statistics()).every(
      ({ invocations, peakBytes }) => invocations === 0 || peakBytes > 0,
    );
  for (let seconds = 0; seconds < 60 && !isOver(); seconds++) await sleep(1000);
}

function memoryRow(name: string, peakBytes: number): BenchRow {
  const value = peakBytes / 1e6;
  const target = `≤ ${MOST_FUNCTION_MB}`;
  return { name: `peak memory of ${name}`, value, unit: 'MB', target, met: value <= MOST_FUNCTION_MB };
}

/** Wall time of the command line on the file, reports written: one process, no queue, no store. */
function engineSeconds(path: string): number {
  const main = join(import.meta.dirname, '..', 'cli', 'main.ts');
  const started = performance.now();
  const { status } = spawnSync(process.execPath, [
    main,
    'analyze',
    path,
    ...['--json', `${path}.json`, '--csv', `${path}.report.csv`],
  ]);
  if (status !== 0) throw new Error(`The engine ended with ${status}.`);
  return (performance.now() - started) / 1000;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { mebibytes: { type: 'string' }, datasets: { type: 'string' } },
  });
  const rows = await cloudBench({
    ...(values.mebibytes !== undefined && { mebibytes: Number(values.mebibytes) }),
    ...(values.datasets !== undefined && { datasets: Number(values.datasets) }),
  });
  printRows('The whole local cloud', rows);
}
