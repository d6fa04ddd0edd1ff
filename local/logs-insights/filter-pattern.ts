import { AwsError } from '../auth/errors.ts';

type Matches = (message: string) => boolean;

const TERM = /\s*(?<sign>[?-]?)(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>[^\s"]+))/sy;

/**
 * Reads the terms of a filter pattern: words and texts in quotes that a line has all of, `-` before one that it has
 * not, `?` before those of which it has any.
 *
 * @throws AwsError for a pattern of another kind, which is not imitated
 */
export function readFilterPattern(pattern: string): Matches {
  const text = pattern.trim();
  if (/^[{[%]/.test(text))
    throw refused(
      'patterns of JSON, of columns and of regular expressions are not imitated here; use a query',
    );
  const [all, any, none]: [string[], string[], string[]] = [[], [], []];
  TERM.lastIndex = 0;
  for (let from = 0; from < text.length; from = TERM.lastIndex) {
    const found = TERM.exec(text)?.groups;
    if (found === undefined) throw refused(`a quote is not closed: ${text.slice(from)}`);
    const term = found['bare'] ?? (found['quoted'] ?? '').replace(/\\(.)/gs, '$1');
    (found['sign'] === '?' ? any : found['sign'] === '-' ? none : all).push(term);
  }
  if (any.length > 0 && all.length + none.length > 0)
    throw refused('AWS ignores ? beside other terms; use a query');
  return (message) =>
    all.every((term) => message.includes(term)) &&
    !none.some((term) => message.includes(term)) &&
    (any.length === 0 || any.some((term) => message.includes(term)));
}

function refused(reason: string): AwsError {
  return new AwsError(400, 'InvalidParameterException', `Invalid filter pattern: ${reason}.`);
}
