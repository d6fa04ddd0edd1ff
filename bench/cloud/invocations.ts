import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { handlerEntries, writeHandler } from '../../lib/constructs/handler-bundle.ts';
import type { LocalCloud } from '../../local/local-cloud.ts';
import type { BenchRow } from '../row.ts';

const WORKERS = ['PlanUpload', 'ScanAndAnalyse', 'WriteReport'];
const CUT = 8;
const WARM_CALLS = 30;
const MOST_BUNDLE_MB = 1.5;

/** Size of every function's bundle, minified, as it is deployed. */
export function bundleRows(): BenchRow[] {
  const directory = mkdtempSync(join(tmpdir(), 'creative-dynamics-bundles-'));
  try {
    return handlerEntries().map((entry) => {
      writeHandler(entry, directory);
      const value = statSync(join(directory, 'index.mjs')).size / 1e6;
      const target = `≤ ${MOST_BUNDLE_MB}`;
      return { name: `bundle of ${entry}`, value, unit: 'MB', target, met: value <= MOST_BUNDLE_MB };
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * Time of a first invocation, the start of its process included, and of those after it. The event is one that a handler
 * takes and has nothing to do for: an empty batch; so this is the price of the function, not of its work.
 */
export async function invocationRows(cloud: LocalCloud): Promise<BenchRow[]> {
  const { accessKeyId, secretAccessKey } = cloud.developer;
  const client = new LambdaClient({
    endpoint: cloud.endpoint,
    region: cloud.environment['AWS_REGION'] ?? '',
    credentials: { accessKeyId, secretAccessKey },
  });
  const rows: BenchRow[] = [];
  for (const { name, title } of workersOf(cloud)) {
    const call = () => timeOf(client, name);
    const cold = await call();
    const warm: number[] = [];
    for (let i = 0; i < WARM_CALLS; i++) warm.push(await call());
    rows.push({ name: `first invocation of ${title}`, value: cold, unit: 'ms' });
    rows.push({ name: `later invocations of ${title}, median`, value: median(warm), unit: 'ms' });
  }
  client.destroy();
  return rows;
}

/** The functions behind the queues, with the names that the stack knows them by: AWS cuts long ones. */
function workersOf(cloud: LocalCloud): { name: string; title: string }[] {
  return Object.keys(cloud.statistics()).flatMap((name) => {
    const title = WORKERS.find((worker) => name.includes(worker.slice(0, CUT)));
    return title === undefined ? [] : [{ name, title }];
  });
}

async function timeOf(client: LambdaClient, name: string): Promise<number> {
  const started = performance.now();
  const { FunctionError } = await client.send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify({ Records: [] }) }),
  );
  if (FunctionError !== undefined) throw new Error(`${name} failed: ${FunctionError}`);
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
