import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Target } from './target.ts';

const announcedSchema = z.object({
  job: z.object({ id: z.string() }),
  upload: z.object({ url: z.string(), headers: z.record(z.string(), z.string()) }),
});
const jobSchema = z.object({
  state: z.string(),
  finishedAt: z.string().nullable(),
  error: z.unknown().nullish(),
});

const OVER = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED'];
const DAYS = 90;
const CREATIVES = 10;
const DAY_MS = 86_400_000;
const LOOK_AGAIN_MS = 250;

/** A small export: ten creatives over ninety days, of which every third wears out. No two numbers give the same. */
export function exportOf(number: number): string {
  const rows = Array.from({ length: CREATIVES * DAYS }, (_, i) => {
    const creative = Math.floor(i / DAYS);
    const day = new Date(Date.UTC(2025, 0, 1) + (i % DAYS) * DAY_MS).toISOString().slice(0, 10);
    const impressions = 9000 + ((number * 7 + i * 37) % 400);
    const rate = creative % 3 === 0 && i % DAYS > 45 ? 0.012 : 0.03;
    return `Creative ${creative},${day},${impressions},${Math.round(impressions * rate)},${80 + (i % 13)}.25\n`;
  });
  return `ad_name,day,impressions,link_clicks,amount_spent_gbp\n${rows.join('')}`;
}

/** Announces an export and sends it. @returns the id of its job. @throws Error saying what was answered instead */
export async function upload(target: Target, name: string, content: string): Promise<string> {
  const bytes = Buffer.byteLength(content);
  const body = JSON.stringify({ name, filename: 'export.csv', bytes, contentType: 'text/csv' });
  const { job, upload: to } = announcedSchema.parse(await ask(target, 'POST', 'api/datasets', body));
  const sent = await fetch(to.url, { method: 'PUT', headers: to.headers, body: content });
  await sent.arrayBuffer();
  if (!sent.ok) throw new Error(`The upload of ${name} was answered ${sent.status}.`);
  return job.id;
}

/**
 * Waits until a job is over.
 *
 * @returns when it ended, in milliseconds since the epoch
 * @throws Error when it did not succeed, or not within the time there is
 */
export async function untilOver(target: Target, jobId: string, deadline: number): Promise<number> {
  for (;;) {
    const { state, finishedAt, error } = jobSchema.parse(await ask(target, 'GET', `api/jobs/${jobId}`));
    if (state === 'SUCCEEDED' && finishedAt !== null) return Date.parse(finishedAt);
    if (OVER.includes(state)) throw new Error(`${jobId} is ${state}: ${JSON.stringify(error)}`);
    if (Date.now() > deadline) throw new Error(`${jobId} is still ${state}.`);
    await pause(LOOK_AGAIN_MS);
  }
}

async function ask({ url, token }: Target, method: string, path: string, body?: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  for (;;) {
    const answer = await fetch(new URL(path, url), { method, headers, ...(body !== undefined && { body }) });
    const text = await answer.text();
    if (answer.ok) return JSON.parse(text);
    if (answer.status !== 429)
      throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 300)}`);
    await pause(1000 * Number(answer.headers.get('retry-after') ?? 1));
  }
}
