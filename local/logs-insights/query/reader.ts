import { malformed } from './malformed.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Reads a query token by token. */
export class Reader {
  readonly #query: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  /** Columns that `stats` left, which all after it has to name; undefined before it, where fields are the lines'. */
  columns: ReadonlySet<string> | undefined;

  constructor(query: string) {
    this.#query = query;
    this.#tokens = tokensOf(query);
  }

  get next(): Token {
    const token = this.#tokens[this.#at] ?? this.#tokens.at(-1);
    if (token === undefined) throw malformed('the query is empty');
    return token;
  }

  take(): Token {
    const token = this.next;
    this.#at += 1;
    return token;
  }

  /** Whether the next token is one of these symbols or words, whatever the case of letters. */
  isNext(...texts: string[]): boolean {
    const { kind, text } = this.next;
    return (kind === 'symbol' || kind === 'word') && texts.includes(text.toLowerCase());
  }

  /** Takes the next token if it is one of these. */
  takeIf(...texts: string[]): string | undefined {
    return this.isNext(...texts) ? this.take().text.toLowerCase() : undefined;
  }

  /** @throws AwsError when another comes next */
  expect(text: string): void {
    if (this.takeIf(text) === undefined) throw this.unexpected(`${text} is expected`);
  }

  unexpected(expected: string): Error {
    const { kind, from } = this.next;
    const what = kind === 'end' ? 'the end' : JSON.stringify(this.#query.slice(from, from + 20));
    return malformed(`${expected} instead of ${what}`);
  }

  /** Reads one or more, with commas between them. */
  list<T>(read: () => T): T[] {
    const items = [read()];
    while (this.takeIf(',') !== undefined) items.push(read());
    return items;
  }

  /** Reads something. @returns it, and how it is written */
  withText<T>(read: () => T): [T, string] {
    const { from } = this.next;
    const result = read();
    const { to } = this.#tokens[this.#at - 1] ?? this.next;
    return [result, this.#query.slice(from, to).trim()];
  }

  /** A name behind `as`, if there is one. */
  alias(): string | undefined {
    if (this.takeIf('as') === undefined) return undefined;
    const { kind, text } = this.take();
    if (kind === 'word' || kind === 'name') return text;
    throw malformed('behind as comes a name');
  }
}
