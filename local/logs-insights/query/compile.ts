import { AGGREGATES, aggregateOf } from './aggregates.ts';
import { fieldOf, readExpression } from './expression.ts';
import { malformed } from './malformed.ts';
import { Reader } from './reader.ts';
import {
  type AggregateColumn,
  type Column,
  type Command,
  computing,
  filtering,
  grouping,
  limiting,
  type SortKey,
  sorting,
} from './stages.ts';

/** CloudWatch gives no more rows. */
const MAX_ROWS = 10_000;
const MAX_LENGTH = 10_000;

export interface Query {
  readonly commands: readonly Command[];
  /** How many commands come before the first that sorts, counts or cuts: lines that pass these are its matches. */
  readonly leading: number;
  /** Names of what is shown, in their order. */
  readonly shown: readonly string[];
  /** Whether its rows are lines of logs, and not what was counted. */
  readonly isOfLines: boolean;
}

/**
 * Reads a query of Logs Insights.
 *
 * @param most rows, where the query does not say
 * @throws AwsError when it is none, or uses what is not imitated
 */
export function compile(text: string, most = MAX_ROWS): Query {
  if (text.length > MAX_LENGTH) throw malformed(`a query has ${MAX_LENGTH} characters at most`);
  const compiler = new Compiler(text);
  return compiler.compile(most);
}

class Compiler {
  readonly #reader: Reader;
  readonly #commands: Command[] = [];
  readonly #fields: string[] = [];
  #displayed: readonly string[] | undefined;
  #isOrdered = false;
  #isLimited = false;
  #leading: number | undefined;

  constructor(text: string) {
    this.#reader = new Reader(text);
  }

  compile(most: number): Query {
    do this.#readCommand();
    while (this.#reader.takeIf('|') !== undefined);
    if (this.#reader.next.kind !== 'end') throw this.#reader.unexpected('| or the end is expected');
    this.#order();
    const { columns } = this.#reader;
    const shown = this.#displayed ?? [...(columns ?? []), ...this.#fields];
    return {
      commands: [...this.#commands, limiting(this.#isLimited ? MAX_ROWS : most)],
      leading: this.#leading ?? this.#commands.length,
      shown: [...new Set(shown.length === 0 ? ['@timestamp', '@message'] : shown)],
      isOfLines: columns === undefined,
    };
  }

  #readCommand(): void {
    const { kind, text } = this.#reader.take();
    const read = kind === 'word' ? this.#readers.get(text.toLowerCase()) : undefined;
    if (read === undefined) {
      const known = [...this.#readers.keys()].join(', ');
      throw malformed(`the command ${text || '(nothing)'} is not imitated here, of all ${known} are`);
    }
    read();
  }

  readonly #readers = new Map<string, () => void>(
    Object.entries({
      display: () => {
        this.#displayed = this.#reader.list(() => this.#field().name);
      },
      fields: () => {
        const columns = this.#reader.list(() => this.#column());
        this.#fields.push(...columns.map(({ name }) => name));
        this.#commands.push(computing(columns));
        const { columns: known } = this.#reader;
        if (known !== undefined) this.#reader.columns = new Set([...known, ...this.#fields]);
      },
      filter: () => {
        this.#commands.push(filtering(readExpression(this.#reader)));
      },
      limit: () => {
        const { kind, text } = this.#reader.take();
        const most = kind === 'number' ? Number(text) : 0;
        if (!Number.isInteger(most) || most < 1 || most > MAX_ROWS)
          throw malformed(`limit takes a number from 1 to ${MAX_ROWS}`);
        this.#order();
        this.#isLimited = true;
        this.#commands.push(limiting(most));
      },
      sort: () => {
        this.#hold();
        this.#commands.push(sorting(this.#reader.list(() => this.#sortKey())));
      },
      stats: () => {
        const aggregates = this.#reader.list(() => this.#aggregate());
        const by = this.#reader.takeIf('by') === undefined ? [] : this.#reader.list(() => this.#column());
        this.#hold();
        this.#commands.push(grouping(aggregates, by));
        this.#reader.columns = new Set([...by, ...aggregates].map(({ name }) => name));
        this.#fields.length = 0;
        this.#displayed = undefined;
      },
    }),
  );

  /** What comes next waits for all lines, and gives them an order. */
  #hold(): void {
    this.#isOrdered = true;
    this.#leading ??= this.#commands.length;
  }

  /** Lines come with the newest first, unless they are sorted. */
  #order(): void {
    if (this.#isOrdered) return;
    this.#hold();
    const evaluate = fieldOf(this.#reader, '@timestamp');
    this.#commands.push(sorting([{ evaluate, isDescending: true }]));
  }

  #field(): Column {
    const { kind, text } = this.#reader.next;
    if (kind !== 'word' && kind !== 'name') throw this.#reader.unexpected('a field is expected');
    this.#reader.take();
    return { name: text, evaluate: fieldOf(this.#reader, text) };
  }

  /** A value, under the name behind it or as it is written. */
  #column(): Column {
    const [evaluate, text] = this.#reader.withText(() => readExpression(this.#reader));
    return { evaluate, name: this.#reader.alias() ?? text.replace(/^`([^`]+)`$/, '$1') };
  }

  #sortKey(): SortKey {
    const evaluate = readExpression(this.#reader);
    return { evaluate, isDescending: this.#reader.takeIf('asc', 'desc') === 'desc' };
  }

  #aggregate(): AggregateColumn {
    const [make, text] = this.#reader.withText(() => {
      const name = this.#reader.take().text.toLowerCase();
      if (!AGGREGATES.includes(name))
        throw malformed(`${name} is not imitated in stats, of all ${AGGREGATES.join(', ')} are`);
      this.#reader.expect('(');
      return aggregateOf(name, this.#arguments(name));
    });
    return { make, name: this.#reader.alias() ?? text };
  }

  #arguments(name: string): Column['evaluate'][] {
    const isBare = this.#reader.isNext(')') || (name === 'count' && this.#reader.takeIf('*') !== undefined);
    const args = isBare ? [] : this.#reader.list(() => readExpression(this.#reader));
    this.#reader.expect(')');
    return args;
  }
}
