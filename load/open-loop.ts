import * as http from 'node:http';
import * as https from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { NextBody } from './bodies.ts';
import { type Measurement, percentile, Tally } from './measurement.ts';
import { requestOf, type Target } from './target.ts';
import { pickTask } from './tasks.ts';

interface OpenLoopOptions extends Target {
  readonly perMinute: number;
  readonly seconds: number;
  readonly nextBody: NextBody;
  /** Numbers in [0, 1), by which tasks are picked. */
  readonly random: () => number;
}

interface Answered {
  readonly outcome: string;
  readonly cacheHit: boolean;
}

/** As long as the guide waits for a large analysis. */
const TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 1000;

/**
 * Sends requests at even intervals, and does not wait for answers in between. An answer's time counts from when its
 * request was due, so that neither a slow server nor a slow sender hides how long others would have waited.
 */
export async function openLoop({
  perMinute,
  seconds,
  nextBody,
  random,
  ...target
}: OpenLoopOptions): Promise<Measurement> {
  const send = createSender(target.url);
  const tally = new Tally();
  const total = Math.round((perMinute / 60) * seconds);
  const late = new Float64Array(total);
  const open = new Set<Promise<void>>();
  const startedAt = performance.now();
  for (let i = 0; i < total; i++) {
    const due = startedAt + (i * 60_000) / perMinute;
    const early = due - performance.now();
    if (early > 0) await pause(early);
    late[i] = Math.max(0, performance.now() - due);
    const task = pickTask(random());
    const sent = send.request(requestOf(task, target, nextBody)).then(({ outcome, cacheHit }) => {
      tally.add(task, outcome, performance.now() - due, cacheHit);
      open.delete(sent);
    });
    open.add(sent);
  }
  await Promise.all(open);
  send.close();
  return {
    results: tally.results(),
    seconds: (performance.now() - startedAt) / 1000,
    late: percentile(late.sort(), 0.99),
  };
}

/** Sends over connections that stay. A request that fails is an answer too: the name of its error. */
function createSender(url: URL) {
  // Not a time-out of the agent's: what a server says of idle connections would replace it on those used again.
  const settings = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
  const isPlain = url.protocol === 'http:';
  const agent = isPlain ? new http.Agent(settings) : new https.Agent(settings);
  const start = isPlain ? http.request : https.request;
  return {
    close: () => agent.destroy(),
    request: ({ method, path, headers, body }: ReturnType<typeof requestOf>): Promise<Answered> =>
      new Promise((resolve) => {
        const fail = (error: Error): void =>
          resolve({ outcome: 'code' in error ? String(error.code) : error.name, cacheHit: false });
        const outgoing = start(new URL(path, url), { method, headers, agent, timeout: TIMEOUT_MS });
        outgoing.once('error', fail);
        outgoing.once('timeout', () => outgoing.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })));
        outgoing.once('response', (incoming) => {
          const { 'cache-status': cacheStatus = '' } = incoming.headers;
          incoming.once('error', fail);
          incoming.once('end', () =>
            resolve({ outcome: String(incoming.statusCode), cacheHit: /; hit\b/.test(String(cacheStatus)) }),
          );
          incoming.resume();
        });
        outgoing.end(body);
      }),
  };
}
