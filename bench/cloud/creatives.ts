import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { TEST_TOKEN } from '../../lambdas/domain/access/token.ts';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { addTestToken, TEST_TENANT } from '../../local/tokens.ts';
import type { BenchRow } from '../row.ts';
import type { BenchClient } from './client.ts';

const CREATIVES = 10_000;
const DAYS = 90;
const MOST_SECONDS = 30;

interface Event {
  readonly at: string;
  readonly message: string;
}

/** Many creatives from the end of the upload until their list is answered, and what happened to the job meanwhile. */
export async function creativeRows(
  cloud: LocalCloud,
  client: BenchClient,
  directory: string,
): Promise<BenchRow[]> {
  const path = join(directory, 'creatives.csv');
  writeCreatives(path);
  await addTestToken(cloud);
  await client.uploadFile(`uploads/${TEST_TENANT}/inbox/creatives.csv`, path);
  const started = performance.now();
  const [job] = await client.finished(TEST_TENANT, 1);
  const succeeded = (performance.now() - started) / 1000;
  if (job === undefined) throw new Error('There is no job.');
  const { page } = await get<{ page: { total: number } }>(cloud, `/api/jobs/${job.id}/items?limit=50`);
  const listed = (performance.now() - started) / 1000;
  if (page.total !== CREATIVES) throw new Error(`${page.total} creatives are listed.`);
  const { data: events } = await get<{ data: Event[] }>(cloud, `/api/jobs/${job.id}/events`);
  const name = `${CREATIVES.toLocaleString('en-GB')} creatives of ${DAYS} days`;
  return [
    { name: `${name}, uploaded to SUCCEEDED`, value: succeeded, unit: 's' },
    {
      name: `${name}, uploaded to listed`,
      value: listed,
      unit: 's',
      target: `≤ ${MOST_SECONDS} s`,
      met: listed <= MOST_SECONDS,
    },
    ...events.map(({ at, message }) => ({
      name: `  since the job's record: ${message}`,
      value: (Date.parse(at) - Date.parse(job.createdAt)) / 1000,
      unit: 's',
    })),
  ];
}

async function get<Answer>(cloud: LocalCloud, path: string): Promise<Answer> {
  const response = await fetch(`${cloud.apiEndpoint}${path}`, {
    headers: { authorization: `Bearer ${TEST_TOKEN}` },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return JSON.parse(await response.text());
}

/** A row for each creative and day; every third creative wears out after two months. */
function writeCreatives(path: string): void {
  const file = openSync(path, 'w');
  writeSync(file, 'ad_name,day,impressions,link_clicks,amount_spent_gbp\n');
  for (let day = 0; day < DAYS; day++) {
    const date = new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10);
    const rows = Array.from({ length: CREATIVES }, (_, index) => {
      const noise = (index * 7919 + day * 104_729) % 1000;
      const worn = index % 3 === 0 && day > 60 ? 0.5 : 1;
      const impressions = 5000 + 4 * noise;
      const clicks = Math.round(impressions * 0.02 * worn * (0.8 + noise / 2500));
      return `Creative ${index} | Reel | v${index % 7},${date},${impressions},${clicks},${(clicks * 0.45).toFixed(2)}\n`;
    });
    writeSync(file, rows.join(''));
  }
  closeSync(file);
}
