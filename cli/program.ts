import { Command, CommanderError } from 'commander';
import { ENGINE_VERSION } from '../lambdas/domain/version.ts';
import project from '../package.json' with { type: 'json' };
import { addAnalyzeOptions, analyzeOptionsFrom } from './analyze/options.ts';
import { parametersFrom } from './analyze/parameter-flags.ts';
import { runAnalyze } from './analyze/run.ts';
import { complaintLines, complaintOf, EXIT } from './errors.ts';
import { ANALYZE_EXAMPLES, ANALYZE_NOTES, EXAMPLES } from './help.ts';
import { catchInterruption } from './interruption.ts';
import { type Io, printLines } from './terminal/io.ts';
import { painter } from './terminal/style.ts';
import { usageErrorOf } from './usage.ts';

/**
 * Runs one command line (without `node` and the script) to its end.
 *
 * @returns the exit code; every failure has been told on stderr
 */
export async function runCommandLine(args: readonly string[], io: Io): Promise<number> {
  const colour = !args.includes('--no-color');
  // Without a listener a closed pipe would end the process; each write that waits gets the error itself.
  for (const stream of [io.stdout, io.stderr]) stream.on('error', () => undefined);
  try {
    return await dispatch(args, io);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const complaint = complaintOf(
      error instanceof CommanderError ? usageErrorOf(error, helpOf(args)) : error,
    );
    await printLines(io.stderr, complaintLines(complaint, painter(io.stderr, colour)));
    if (args.includes('--verbose') && error instanceof Error)
      await printLines(io.stderr, [error.stack ?? '']);
    return complaint.exitCode;
  }
}

async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const outcome: { exitCode: number } = { exitCode: EXIT.done };
  const program = new Command('creative-dynamics')
    .description('Finds out when an advertising creative wears out, and what that costs.')
    .version(`${project.version} (engine ${ENGINE_VERSION})`)
    .addHelpText('before', EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: () => undefined,
    });
  addAnalyzeOptions(program.command('analyze'))
    .summary('analyse an export on this machine')
    .description('Analyses an advertising export on this machine: CSV or JSON, plain, .gz or .zst.')
    .argument('<file>', 'path of the export, or - for standard input')
    .addHelpText('before', ANALYZE_EXAMPLES)
    .addHelpText('after', ANALYZE_NOTES)
    .action(async (file: string, options: Record<string, unknown>) => {
      const request = { file, options: analyzeOptionsFrom(options), parameters: parametersFrom(options) };
      const interruption = catchInterruption(process);
      try {
        outcome.exitCode = await runAnalyze(request, io, interruption);
      } finally {
        interruption.release();
      }
    });
  await program.parseAsync(args.length === 0 ? ['--help'] : withHelpFirst(args), { from: 'user' });
  return outcome.exitCode;
}

/** `-h` works wherever it stands, whatever else is missing or wrong on the line. */
function withHelpFirst(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  if (!own.includes('-h') && !own.includes('--help')) return args;
  return own[0] === 'analyze' ? ['analyze', '--help'] : ['--help'];
}

function helpOf(args: readonly string[]): string {
  return args[0] === 'analyze' ? 'creative-dynamics analyze --help' : 'creative-dynamics --help';
}
