import type { NextBody } from './bodies.ts';
import { TASKS, type Task } from './tasks.ts';

/** The deployment that is loaded. */
export interface Target {
  /** With a slash at its end, so that paths go below it: the URL of a stage has a path of its own. */
  readonly url: URL;
  readonly token: string;
}

/** A request of a task; its path is relative to the target. */
export function requestOf({ items }: Task, { token }: Pick<Target, 'token'>, nextBody: NextBody) {
  const accepting = { 'accept-encoding': 'gzip' };
  if (items === null) return { method: 'GET', path: 'health', headers: accepting, body: undefined };
  const body = nextBody(items);
  const headers = {
    ...accepting,
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
  };
  return { method: 'POST', path: 'api/analyze', headers, body };
}

/**
 * Sends each task once, so that functions are started, and what a warm cache has to have is there.
 *
 * @throws Error when an answer is not 200, or there is none
 */
export async function sendOnce(target: Target, nextBody: NextBody): Promise<void> {
  for (const task of TASKS) {
    const { method, path, headers, body } = requestOf(task, target, nextBody);
    const answer = await fetch(new URL(path, target.url), {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
    const text = await answer.text();
    if (answer.status === 200) continue;
    throw new Error(`${method} ${answer.url} answered ${answer.status}: ${text.slice(0, 500)}`);
  }
}
