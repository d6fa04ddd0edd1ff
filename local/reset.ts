/** `npm run local:reset`: removes what the local cloud kept. */
import { EXIT } from '../cli/errors.ts';
import { printLines } from '../cli/terminal/io.ts';
import { runCommand } from './command-line/command.ts';
import { parseResetOptions } from './command-line/options.ts';
import { resetDataDirectory } from './data-directory.ts';

const words = { help: 'npm run local:reset -- --help', failed: 'the data cannot be removed' };

process.exitCode = await runCommand(process, words, async () => {
  const directory = parseResetOptions(process.argv.slice(2), (text) => process.stdout.write(text));
  const removed = resetDataDirectory(directory);
  const what = removed.length === 0 ? 'nothing, as nothing was kept' : removed.join(', ');
  await printLines(process.stderr, [`Removed from ${directory}: ${what}.`]);
  return EXIT.done;
});
