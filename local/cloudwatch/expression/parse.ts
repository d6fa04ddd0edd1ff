import { FUNCTION_NAMES } from './functions.ts';
import { OPERATORS } from './operators.ts';

/** A metric-math expression. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'reference'; readonly id: string }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'negation'; readonly operand: Expression }
  | {
      readonly kind: 'operation';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

const TOKEN = /\s*(\d+(?:\.\d*)?|\.\d+|[A-Za-z_]\w*|"[^"]*"|'[^']*'|&&|\|\||[<>=!]=|[-+*/^<>()[\],])/y;
const MAX_DEPTH = 100;

/**
 * Parses an expression of CloudWatch metric math.
 *
 * @throws Error naming what is not imitated, or not an expression
 */
export function parseExpression(text: string): Expression {
  return new Parser(text).whole();
}

/** Ids of the metrics and expressions that an expression names; `METRICS` names none. */
export function referencesOf(expression: Expression): string[] {
  switch (expression.kind) {
    case 'reference':
      return [expression.id];
    case 'array':
      return expression.items.flatMap(referencesOf);
    case 'call':
      return expression.args.flatMap(referencesOf);
    case 'negation':
      return referencesOf(expression.operand);
    case 'operation':
      return [...referencesOf(expression.left), ...referencesOf(expression.right)];
    default:
      return [];
  }
}

/** Recursive descent over tokens; operators by precedence. */
class Parser {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #position = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  whole(): Expression {
    const expression = this.#operation(0);
    if (this.#position < this.#tokens.length) throw this.#unexpected();
    return expression;
  }

  #operation(least: number): Expression {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new Error(`The expression ${this.#text} is nested too deeply.`);
    let left = this.#operand();
    for (;;) {
      const operator = this.#peek().toUpperCase();
      const known = OPERATORS[operator];
      if (known === undefined || known.precedence < least) break;
      this.#position += 1;
      const right = this.#operation(known.precedence + 1);
      left = { kind: 'operation', operator, left, right };
    }
    this.#depth -= 1;
    return left;
  }

  #operand(): Expression {
    const token = this.#take();
    if (token === '-') return { kind: 'negation', operand: this.#operand() };
    if (token === '(') {
      const inner = this.#operation(0);
      this.#expect(')');
      return inner;
    }
    if (token === '[') return { kind: 'array', items: this.#list(']') };
    if (/^["']/.test(token)) return { kind: 'text', text: token.slice(1, -1) };
    if (/^[\d.]/.test(token)) return { kind: 'number', value: Number(token) };
    if (!/^\w/.test(token)) throw this.#unexpected(-1);
    // Ids begin with a small letter, words that functions take with a capital one.
    if (this.#peek() !== '(')
      return /^[a-z]/.test(token) ? { kind: 'reference', id: token } : { kind: 'text', text: token };
    this.#position += 1;
    const name = token.toUpperCase();
    if (!FUNCTION_NAMES.has(name)) throw new Error(`the function ${name} is not imitated`);
    return { kind: 'call', name, args: this.#list(')') };
  }

  #list(end: string): Expression[] {
    const items: Expression[] = [];
    while (this.#peek() !== end) {
      if (items.length > 0) this.#expect(',');
      items.push(this.#operation(0));
    }
    this.#expect(end);
    return items;
  }

  #peek(): string {
    return this.#tokens[this.#position] ?? '';
  }

  #take(): string {
    const token = this.#peek();
    this.#position += 1;
    return token;
  }

  #expect(token: string): void {
    if (this.#take() !== token) throw this.#unexpected(-1);
  }

  #unexpected(offset = 0): Error {
    const token = this.#tokens[this.#position + offset];
    return new Error(
      `The expression ${this.#text} ${token === undefined ? 'ends too early' : `has an unexpected ${token}`}.`,
    );
  }
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const pattern = new RegExp(TOKEN);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const start = pattern.lastIndex;
    const [, token] = pattern.exec(text) ?? [];
    if (token === undefined)
      throw new Error(`The expression ${text} has an unexpected ${text.slice(start).trim()[0]}.`);
    tokens.push(token);
  }
  return tokens;
}
