/**
 * What the users of the guide's load test do, one at a time: Artillery loads these functions by their names in the
 * scenario, and tells them of requests and answers. What it counts here, `artillery.ts` reads from its report.
 */
import type { EventEmitter } from 'node:events';
import { createBodies } from './bodies.ts';
import { THINK_SECONDS } from './profiles.ts';
import { usersEnvironment } from './scenario.ts';
import { requestOf } from './target.ts';
import { pickTask, type Task } from './tasks.ts';

interface UserContext {
  readonly vars: { task?: Task; [name: string]: unknown };
}

interface HttpRequest {
  url: string;
  body?: string;
  headers?: Record<string, string>;
}

interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly timings: { readonly phases: { readonly total?: number } };
}

const { token, cache, run, seconds } = usersEnvironment();
const nextBody = createBodies(cache, run);
const end = performance.now() + seconds * 1000;

/** Decides what to do next. */
export async function choose({ vars }: UserContext): Promise<void> {
  vars.task = pickTask(Math.random());
}

export function isHealth({ task }: UserContext['vars']): boolean {
  return task?.items === null;
}

export function isAnalysis({ task }: UserContext['vars']): boolean {
  return task?.items !== null;
}

export async function fill(request: HttpRequest, { vars }: UserContext, events: EventEmitter): Promise<void> {
  if (vars.task === undefined) throw new TypeError('Nothing was chosen.');
  const { headers, body } = requestOf(vars.task, { token }, nextBody);
  Object.assign(request, { headers, ...(body !== undefined && { body }) });
  events.emit('counter', `${vars.task.name}.requests`, 1);
}

export async function record(
  _request: HttpRequest,
  { statusCode, headers, timings }: HttpResponse,
  { vars: { task } }: UserContext,
  events: EventEmitter,
): Promise<void> {
  if (task === undefined) throw new TypeError('Nothing was chosen.');
  events.emit('counter', `${task.name}.status.${statusCode}`, 1);
  if (statusCode === 200) events.emit('histogram', `${task.name}.ms`, timings.phases.total ?? Number.NaN);
  if (/; hit\b/.test(headers['cache-status'] ?? '')) events.emit('counter', `${task.name}.hits`, 1);
}

/** Between one and three seconds. */
export async function think(): Promise<void> {
  const [least, most] = THINK_SECONDS;
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, (least + Math.random() * (most - least)) * 1000);
  await promise;
}

export function isNotOver(_context: UserContext, next: (goesOn: boolean) => void): void {
  next(performance.now() < end);
}
