/** Fields of a line of the log besides level, time and message. */
export type LogFields = Readonly<Record<string, unknown>>;

type Level = 'info' | 'warn' | 'error';

/**
 * Writes one line of JSON. Past `console`, to which the runtime would add a prefix or a second layer of JSON: CloudWatch
 * finds metrics only in lines that are plain JSON.
 */
export function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a line about something that happened, with the ids that tell which request and job it belongs to. */
export function log(level: Level, message: string, fields: LogFields = {}): void {
  writeLine(JSON.stringify({ level, time: new Date().toISOString(), message, ...fields }));
}

/** An error as fields of a line, its causes included, and of one that AWS answered with, the answer's status and id. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  const code = 'code' in error ? { code: error.code } : {};
  const answer = '$metadata' in error ? { answer: error.$metadata } : {};
  const cause = error.cause === undefined ? {} : { cause: errorFields(error.cause) };
  return {
    error: { name: error.name, message: error.message, ...code, ...answer, stack: error.stack, ...cause },
  };
}
