import { setTimeout as pause } from 'node:timers/promises';
import type { Target } from './target.ts';
import { exportOf, untilOver, upload } from './uploads.ts';

export interface StormOptions {
  readonly url: URL;
  /** Of the tenant who floods. */
  readonly token: string;
  /** Of another tenant, who sends one export before the flood, and one in the middle of it. */
  readonly otherToken: string;
  readonly uploads: number;
}

export interface Storm {
  readonly uploads: number;
  /** Seconds from announcing an export to its result, of the other tenant: with nothing else going on, and in the flood. */
  readonly alone: number;
  readonly inFlood: number;
  /** Seconds until all exports of the flood were taken. */
  readonly accepted: number;
  /** Seconds from the first export to the end of each job of the flood, ascending. */
  readonly ends: readonly number[];
}

/** Seconds that the guide gives a standard dataset: what another tenant's flood must not take from anybody. */
const WAIT_TARGET_SECONDS = 30;

/** Exports that are sent at a time. */
const SENDERS = 8;
const LONGEST_MS = 30 * 60_000;

/** One tenant floods, and another sends an export: how long does the other wait? @throws Error when any job fails */
export async function storm({ url, token, otherToken, uploads }: StormOptions): Promise<Storm> {
  const run = Date.now().toString(36);
  const flooding = { url, token };
  const other = { url, token: otherToken };
  const alone = await timed(() => waitFor(other, `other ${run} alone`, uploads));
  const startedAt = Date.now();
  const jobs: string[] = [];
  const send = async (first: number) => {
    for (let number = first; number < uploads; number += SENDERS)
      jobs.push(await upload(flooding, `storm ${run} ${number}`, exportOf(number)));
  };
  const senders = Array.from({ length: SENDERS }, (_, first) => send(first));
  const sending = Promise.all(senders);
  const inFlood = timed(async () => {
    while (jobs.length < uploads / 2) await Promise.race([pause(10), sending]);
    return waitFor(other, `other ${run} in the flood`, uploads + 1);
  });
  await sending;
  const accepted = (Date.now() - startedAt) / 1000;
  const waited = await inFlood;
  const ends: number[] = [];
  for (const job of jobs) {
    const end = await untilOver(flooding, job, startedAt + LONGEST_MS);
    ends.push((end - startedAt) / 1000);
  }
  return { uploads, alone, inFlood: waited, accepted, ends: ends.sort((a, b) => a - b) };
}

async function waitFor(target: Target, name: string, number: number): Promise<number> {
  const announced = Date.now();
  const job = await upload(target, name, exportOf(number));
  await untilOver(target, job, announced + LONGEST_MS);
  return announced;
}

/** Seconds since the moment that `work` names, when it is done. */
async function timed(work: () => Promise<number>): Promise<number> {
  const since = await work();
  return (Date.now() - since) / 1000;
}

export function isBearable({ inFlood }: Storm): boolean {
  return inFlood < WAIT_TARGET_SECONDS;
}

/** A storm in words, with how the flood drained. */
export function stormReport(storm: Storm): string {
  const { uploads, alone, inFlood, accepted, ends } = storm;
  const last = ends.at(-1) ?? 0;
  const shares = [0.1, 0.25, 0.5, 0.75, 0.9, 1];
  const at = (share: number) => ends[Math.ceil(share * ends.length) - 1] ?? 0;
  return [
    `dataset storm: ${uploads} uploads of one tenant, one of another in the middle`,
    `the other tenant waited ${inFlood.toFixed(1)} s (alone ${alone.toFixed(1)} s; target < ${WAIT_TARGET_SECONDS} s): ${isBearable(storm) ? 'met' : 'MISSED'}`,
    `the flood was taken within ${accepted.toFixed(1)} s and done within ${last.toFixed(1)} s, ${Math.round((60 * uploads) / last)} jobs a minute`,
    `done: ${shares.map((share) => `${100 * share} % after ${at(share).toFixed(1)} s`).join(', ')}`,
    '',
  ].join('\n');
}
