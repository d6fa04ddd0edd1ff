import { arithmetic, binOf, callOf, type Evaluate, negated } from './functions.ts';
import { malformed } from './malformed.ts';
import { readPattern } from './pattern.ts';
import type { Reader } from './reader.ts';
import { SYSTEM_FIELDS } from './row.ts';
import { type Comparison, holds, isTrue, textOf } from './value.ts';

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '!=': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
};

/** Reads a condition or a value. @throws AwsError when it is none, or uses what is not imitated */
export function readExpression(reader: Reader): Evaluate {
  const operands = [readConjunction(reader)];
  while (reader.takeIf('or') !== undefined) operands.push(readConjunction(reader));
  const [only] = operands;
  if (operands.length === 1 && only !== undefined) return only;
  return (row) => Number(operands.some((operand) => isTrue(operand(row))));
}

function readConjunction(reader: Reader): Evaluate {
  const operands = [readNegation(reader)];
  while (reader.takeIf('and') !== undefined) operands.push(readNegation(reader));
  const [only] = operands;
  if (operands.length === 1 && only !== undefined) return only;
  return (row) => Number(operands.every((operand) => isTrue(operand(row))));
}

function readNegation(reader: Reader): Evaluate {
  return reader.takeIf('not') === undefined ? readComparison(reader) : negated(readNegation(reader));
}

function readComparison(reader: Reader): Evaluate {
  const left = readSum(reader);
  const comparison = COMPARISONS[reader.takeIf(...Object.keys(COMPARISONS)) ?? ''];
  if (comparison !== undefined) {
    const right = readSum(reader);
    return (row) => Number(holds(left(row), comparison, right(row)));
  }
  const isNegated = reader.takeIf('not') !== undefined;
  const test = readTest(reader, left);
  if (test === undefined && isNegated) throw reader.unexpected('like or in is expected');
  return test === undefined || !isNegated ? (test ?? left) : negated(test);
}

function readTest(reader: Reader, left: Evaluate): Evaluate | undefined {
  if (reader.takeIf('in') !== undefined) {
    reader.expect('[');
    const members = reader.list(() => readSum(reader));
    reader.expect(']');
    return (row) => Number(members.some((member) => holds(left(row), '=', member(row))));
  }
  return reader.takeIf('like', '=~') === undefined ? undefined : readMatch(reader, left);
}

function readMatch(reader: Reader, left: Evaluate): Evaluate {
  const { kind, text } = reader.next;
  if (kind !== 'string' && kind !== 'regexp')
    throw reader.unexpected('a text or /a regular expression/ is expected');
  reader.take();
  const pattern = kind === 'regexp' ? readPattern(text) : undefined;
  return (row) => {
    const value = left(row);
    if (value === undefined) return 0;
    const subject = textOf(value);
    return Number(pattern === undefined ? subject.includes(text) : pattern.test(subject));
  };
}

function readSum(reader: Reader): Evaluate {
  let left = readProduct(reader);
  for (let operator = reader.takeIf('+', '-'); operator !== undefined; operator = reader.takeIf('+', '-'))
    left = arithmetic(left, operator, readProduct(reader));
  return left;
}

function readProduct(reader: Reader): Evaluate {
  let left = readPrimary(reader);
  const next = () => reader.takeIf('*', '/', '%');
  for (let operator = next(); operator !== undefined; operator = next())
    left = arithmetic(left, operator, readPrimary(reader));
  return left;
}

function readPrimary(reader: Reader): Evaluate {
  if (reader.takeIf('(') !== undefined) {
    const inner = readExpression(reader);
    reader.expect(')');
    return inner;
  }
  if (reader.takeIf('-') !== undefined) return arithmetic(() => 0, '-', readPrimary(reader));
  const { kind, text } = reader.next;
  if (kind === 'string') {
    reader.take();
    return () => text;
  }
  if (kind === 'number') return readNumber(reader);
  if (kind !== 'word' && kind !== 'name')
    throw reader.unexpected('a field, a text, a number or a function is expected');
  reader.take();
  if (kind === 'word' && reader.takeIf('(') !== undefined) return readCall(reader, text);
  return fieldOf(reader, text);
}

function readNumber(reader: Reader): Evaluate {
  const { text } = reader.take();
  const number = Number(text);
  if (Number.isNaN(number)) throw malformed(`${text} is no number`);
  return () => number;
}

function readCall(reader: Reader, name: string): Evaluate {
  if (name.toLowerCase() === 'bin') {
    const { text } = reader.take();
    reader.expect(')');
    if (reader.columns !== undefined) throw malformed('bin stands before or in the first stats');
    return binOf(text);
  }
  const args = reader.isNext(')') ? [] : reader.list(() => readExpression(reader));
  reader.expect(')');
  return callOf(name, args);
}

/** @throws AwsError for a field that no line here has, where a query would find nothing and not say why */
export function fieldOf({ columns }: Reader, name: string): Evaluate {
  if (columns !== undefined && !columns.has(name))
    throw malformed(`behind stats there is only what it names (${[...columns].join(', ')}), and no ${name}`);
  if (columns === undefined && name.startsWith('@') && !SYSTEM_FIELDS.includes(name))
    throw malformed(`the field ${name} is not imitated, of those with @ ${SYSTEM_FIELDS.join(', ')} are`);
  if (/^(?:true|false)$/i.test(name))
    throw malformed(`${name} is no value of a field; a JSON boolean is 1 or 0`);
  return (row) => row.get(name);
}
