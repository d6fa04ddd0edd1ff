import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LogGroup } from './groups.ts';

/** An event of a log: a line, and those below it that have no time of their own. */
export interface LogEvent {
  readonly group: LogGroup;
  /** Milliseconds. */
  readonly time: number;
  readonly message: string;
  /** The same each time that it is read. */
  readonly pointer: string;
}

const STAMPED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (.*)$/s;

/** File of a group's log; undefined when nobody here writes to it, or has not yet. */
export function fileOf(directory: string, { source }: LogGroup): string | undefined {
  const file = source === undefined ? undefined : join(directory, `${source}.log`);
  return file !== undefined && existsSync(file) ? file : undefined;
}

/**
 * Reads the events of a group, the oldest first.
 *
 * @param directory of the local cloud's logs
 * @param from milliseconds
 * @param to milliseconds, of the last event too
 */
export async function* eventsOf(
  directory: string,
  group: LogGroup,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<LogEvent> {
  const file = fileOf(directory, group);
  if (file === undefined) return;
  let last: { time: number; message: string } | undefined;
  let count = 0;
  const event = ({ time, message }: { time: number; message: string }): LogEvent => ({
    ...{ group, time, message },
    pointer: Buffer.from(`${group.name}/${count}`).toString('base64url'),
  });
  const input = createReadStream(file);
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const [, stamp = '', message = ''] = STAMPED.exec(line) ?? [];
      if (stamp === '') {
        if (last !== undefined) last.message += `\n${line}`;
        continue;
      }
      if (last !== undefined && last.time >= from) yield event(last);
      last = { time: Date.parse(stamp), message };
      count += 1;
      if (last.time > to) return;
    }
    if (last !== undefined && last.time >= from) yield event(last);
  } finally {
    input.destroy();
  }
}
