import type { CommanderError } from 'commander';
import { UsageError } from './errors.ts';

/**
 * What commander found wrong with a command line, in the words of every other error.
 *
 * @param help what to type for the options that there are
 */
export function usageErrorOf(error: CommanderError, help: string): UsageError {
  const [detail = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const sentence = `${detail.charAt(0).toUpperCase()}${detail.slice(1)}${/[.?]$/.test(detail) ? '' : '.'}`;
  return new UsageError(
    suggestion === undefined ? sentence : `${sentence} ${suggestion.replace(/^\(|\)$/g, '')}`,
    help,
  );
}
