import { AsyncLocalStorage } from 'node:async_hooks';
import { traceIdOf } from '../../adapters/trace-header.ts';

/** Fields of a line of the log besides level, time and message. */
export type LogFields = Readonly<Record<string, unknown>>;

type Level = 'debug' | 'info' | 'warn' | 'error';

/** In order of weight. */
const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error'] satisfies Level[];

const about = new AsyncLocalStorage<Record<string, unknown>>();

/** Does something whose lines all carry these fields, besides those of what it is part of. */
export function loggedAs<T>(fields: LogFields, work: () => T): T {
  return about.run({ ...about.getStore(), ...fields }, work);
}

/** Adds to what all lines carry from now on, of what is being done here: more is known of it than when it began. */
export function alsoLog(fields: LogFields): void {
  Object.assign(about.getStore() ?? {}, fields);
}

/**
 * Writes one line of JSON. Past `console`, to which the runtime would add a prefix or a second layer of JSON: CloudWatch
 * finds metrics only in lines that are plain JSON.
 */
export function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * Writes a line about something that happened, unless the stage wants no lines of this level. It carries the id of the
 * invocation's trace, and the fields of what it is part of (`loggedAs`): by these a line is found from any other of the
 * same piece of work.
 */
export function log(level: Level, message: string, fields: LogFields = {}): void {
  if (LEVELS.indexOf(level) < lowestLevel()) return;
  const traceId = traceIdOf(process.env['_X_AMZN_TRACE_ID']);
  const timestamp = new Date().toISOString();
  writeLine(JSON.stringify({ level, timestamp, message, traceId, ...about.getStore(), ...fields }));
}

/** What the environment says; without a word of it, as by hand and in tests, `info`. */
function lowestLevel(): number {
  const wanted = LEVELS.indexOf(process.env['LOG_LEVEL'] ?? '');
  return wanted === -1 ? LEVELS.indexOf('info') : wanted;
}

/** Longest message of an error that a line has: what is longer quotes something. */
const LONGEST_MESSAGE = 1000;

/** An error as fields of a line, its causes included, and of one that AWS answered with, the answer's status and id. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: bounded(String(error)) };
  const { name, message, stack } = error;
  const code = 'code' in error ? { code: error.code } : {};
  const answer = '$metadata' in error ? { answer: error.$metadata } : {};
  const cause = error.cause === undefined ? {} : { cause: errorFields(error.cause) };
  const errors = error instanceof AggregateError ? { errors: error.errors.map(errorFields) } : {};
  return {
    error: {
      name,
      message: bounded(message),
      ...code,
      ...answer,
      stack: framesOf(stack),
      ...cause,
      ...errors,
    },
  };
}

function bounded(message: string): string {
  if (message.length <= LONGEST_MESSAGE) return message;
  return `${message.slice(0, LONGEST_MESSAGE)}… (${message.length} characters)`;
}

/** Where an error came from. The stack begins with its message, which stands beside it already. */
function framesOf(stack: string | undefined): string | undefined {
  return stack?.slice(Math.max(0, stack.search(/^ {4}at /m)));
}
