import { ACCOUNT } from '../../account.ts';
import type { LogEvent } from '../events.ts';
import type { Value } from './value.ts';

/** CloudWatch finds no more fields in a line. */
const MAX_FIELDS = 200;

/** Fields that every line has. Others that begin with `@` are found by AWS in lines of some services. */
export const SYSTEM_FIELDS = ['@timestamp', '@ingestionTime', '@message', '@log', '@logStream', '@ptr'];

/** A line of a log, or of what `stats` made of lines: fields by name, those of a JSON line by their dotted path. */
export class Row {
  readonly #event: LogEvent | undefined;
  readonly #own = new Map<string, Value>();
  #found: ReadonlyMap<string, Value> | undefined;

  /** @param event undefined for a row that only has what it is given */
  constructor(event?: LogEvent) {
    this.#event = event;
  }

  get(name: string): Value {
    if (this.#own.has(name)) return this.#own.get(name);
    if (this.#event === undefined) return undefined;
    if (name.startsWith('@')) return systemField(this.#event, name);
    this.#found ??= fieldsOf(this.#event.message);
    return this.#found.get(name);
  }

  set(name: string, value: Value): void {
    this.#own.set(name, value);
  }
}

function systemField({ time, message, group, pointer }: LogEvent, name: string): Value {
  switch (name) {
    case '@timestamp':
    case '@ingestionTime':
      return new Date(time);
    case '@message':
      return message;
    case '@log':
      return `${ACCOUNT}:${group.name}`;
    case '@logStream':
      return group.stream;
    default:
      return pointer;
  }
}

function fieldsOf(message: string): ReadonlyMap<string, Value> {
  const fields = new Map<string, Value>();
  if (!message.startsWith('{')) return fields;
  try {
    flatten(JSON.parse(message), '', fields);
  } catch {
    // A line that looks like JSON and is none has no fields.
  }
  return fields;
}

function flatten(value: unknown, path: string, fields: Map<string, Value>): void {
  if (value === null || value === undefined || fields.size >= MAX_FIELDS) return;
  if (typeof value === 'object') {
    for (const [key, member] of Object.entries(value))
      flatten(member, path === '' ? key : `${path}.${key}`, fields);
  } else {
    const isBare = typeof value === 'string' || typeof value === 'number';
    fields.set(path, isBare ? value : Number(value));
  }
}
