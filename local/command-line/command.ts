import { CommanderError } from 'commander';
import { complaintLines, complaintOf, EXIT, UsageError } from '../../cli/errors.ts';
import { type Io, printLines } from '../../cli/terminal/io.ts';
import { painter } from '../../cli/terminal/style.ts';
import { usageErrorOf } from '../../cli/usage.ts';

export interface CommandWords {
  /** What to type for the options that there are. */
  readonly help: string;
  /** Title of an error that is not about the command line. */
  readonly failed: string;
}

/** Does the work of one command line. @returns its exit code; every failure has been told on stderr */
export async function runCommand(io: Io, words: CommandWords, work: () => Promise<number>): Promise<number> {
  // Without a listener a closed pipe would end the process; each write that waits gets the error itself.
  for (const stream of [io.stdout, io.stderr]) stream.on('error', () => undefined);
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const told = error instanceof CommanderError ? usageErrorOf(error, words.help) : error;
    const complaint =
      told instanceof UsageError
        ? complaintOf(told)
        : { ...complaintOf(told), title: words.failed, code: 'local_cloud', remedy: null };
    await printLines(io.stderr, complaintLines(complaint, painter(io.stderr, true)));
    return complaint.exitCode;
  }
}
