import type { Readable } from 'node:stream';

/** An output stream, which may be a terminal. */
export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The world outside a command: its streams and its environment. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/** A bar may be drawn only where both streams are terminals that can move their cursor. */
export function canDrawBar({ stdout, stderr, env: { TERM } }: Io): boolean {
  return stdout.isTTY === true && stderr.isTTY === true && TERM !== 'dumb';
}

/** Columns for a table: the terminal's, else `COLUMNS`, else without limit. */
export function outputWidth({ stdout, env: { COLUMNS } }: Io): number {
  if (stdout.isTTY && stdout.columns) return stdout.columns;
  const given = Number(COLUMNS);
  return Number.isInteger(given) && given > 0 ? given : Number.POSITIVE_INFINITY;
}

/** Writes to a stream and waits until it is out. A reader that went away (`| head`) is not an error. */
export async function printText(stream: NodeJS.WritableStream, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.write(text, (error) => (error && !isClosedPipe(error) ? reject(error) : resolve()));
  });
}

export async function printLines(stream: NodeJS.WritableStream, lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await printText(stream, `${lines.join('\n')}\n`);
}

function isClosedPipe(error: Error): boolean {
  return 'code' in error && error.code === 'EPIPE';
}
