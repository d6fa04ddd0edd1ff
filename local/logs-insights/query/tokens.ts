import { malformed } from './malformed.ts';

export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'regexp' | 'number' | 'symbol' | 'end';
  /** A word or symbol as it stands, a string, pattern or name in backticks without its quotes. */
  readonly text: string;
  /** Where it begins and ends in the query. */
  readonly from: number;
  readonly to: number;
}

const TOKEN = new RegExp(
  [
    '(?<space>\\s+|#[^\\n]*)',
    '(?<word>[@A-Za-z_][\\w@.]*)',
    '`(?<name>[^`]+)`',
    '(?<string>"(?:[^"\\\\]|\\\\.)*"|\'(?:[^\'\\\\]|\\\\.)*\')',
    '(?<number>\\d+(?:\\.\\d+)?[A-Za-z]*)',
    '(?<symbol>!=|<=|>=|=~|[=<>|,()[\\]+*/%-])',
  ].join('|'),
  'sy',
);
// Only where a pattern is expected: elsewhere a slash divides.
const REGEXP = /\s*\/(?<pattern>(?:[^/\\]|\\.)+)\//sy;

/** The tokens of a query, the last one its end. @throws AwsError when a character belongs to none */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  let from = 0;
  while (from < query.length) {
    const token = expectsPattern(tokens.at(-1))
      ? (patternAt(query, from) ?? tokenAt(query, from))
      : tokenAt(query, from);
    if (token.text !== '' || token.kind === 'string') tokens.push(token);
    from = token.to;
  }
  return [...tokens, { kind: 'end', text: '', from, to: from }];
}

function expectsPattern(last: Token | undefined): boolean {
  return last !== undefined && /^(?:like|=~)$/i.test(last.text) && last.kind !== 'string';
}

function patternAt(query: string, from: number): Token | undefined {
  REGEXP.lastIndex = from;
  const pattern = REGEXP.exec(query)?.groups?.['pattern'];
  return pattern === undefined ? undefined : { kind: 'regexp', text: pattern, from, to: REGEXP.lastIndex };
}

/** A token, or space, which has no text. */
function tokenAt(query: string, from: number): Token {
  TOKEN.lastIndex = from;
  const found = Object.entries(TOKEN.exec(query)?.groups ?? {}).find(([, text]) => text !== undefined);
  if (found === undefined) throw malformed(`unexpected ${JSON.stringify(query.slice(from, from + 20))}`);
  const to = TOKEN.lastIndex;
  const [kind, text = ''] = found;
  switch (kind) {
    case 'word':
    case 'name':
    case 'number':
    case 'symbol':
      return { kind, text, from, to };
    case 'string':
      return { kind, text: text.slice(1, -1).replace(/\\(.)/gs, '$1'), from, to };
    default:
      return { kind: 'symbol', text: '', from, to };
  }
}
