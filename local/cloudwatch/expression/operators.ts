import { columnsOf, type SeriesValue, scalar, type Value } from './value.ts';

interface Operator {
  /** The higher, the more tightly it binds. */
  readonly precedence: number;
  readonly apply: (left: number, right: number) => number;
}

export const OPERATORS: Readonly<Record<string, Operator>> = {
  '||': { precedence: 1, apply: (left, right) => truth(left !== 0 || right !== 0) },
  OR: { precedence: 1, apply: (left, right) => truth(left !== 0 || right !== 0) },
  '&&': { precedence: 2, apply: (left, right) => truth(left !== 0 && right !== 0) },
  AND: { precedence: 2, apply: (left, right) => truth(left !== 0 && right !== 0) },
  '==': { precedence: 3, apply: (left, right) => truth(left === right) },
  '!=': { precedence: 3, apply: (left, right) => truth(left !== right) },
  '<': { precedence: 4, apply: (left, right) => truth(left < right) },
  '<=': { precedence: 4, apply: (left, right) => truth(left <= right) },
  '>': { precedence: 4, apply: (left, right) => truth(left > right) },
  '>=': { precedence: 4, apply: (left, right) => truth(left >= right) },
  '+': { precedence: 5, apply: (left, right) => left + right },
  '-': { precedence: 5, apply: (left, right) => left - right },
  '*': { precedence: 6, apply: (left, right) => left * right },
  '/': { precedence: 6, apply: (left, right) => left / right },
  '^': { precedence: 7, apply: (left, right) => left ** right },
};

/** Applies an operation period by period: a period that one side has no value for has none. */
export function combine(left: Value, right: Value, apply: Operator['apply']): Value {
  if (left.kind === 'scalar' && right.kind === 'scalar') return scalar(apply(left.value, right.value));
  if (left.kind === 'list')
    return { kind: 'list', members: left.members.map((one) => inEachPeriod(one, right, apply)) };
  if (right.kind === 'list')
    return { kind: 'list', members: right.members.map((one) => inEachPeriod(left, one, apply)) };
  return inEachPeriod(left, right, apply);
}

function inEachPeriod(left: Value, right: Value, apply: Operator['apply']): SeriesValue {
  if (left.kind === 'series' && right.kind === 'series') {
    const { columns, grid } = columnsOf([left, right]);
    return { kind: 'series', values: columns.map(([first, second]) => of(first, second, apply)), ...grid };
  }
  if (left.kind === 'series' && right.kind === 'scalar')
    return { ...left, values: left.values.map((value) => of(value, right.value, apply)) };
  if (left.kind === 'scalar' && right.kind === 'series')
    return { ...right, values: right.values.map((value) => of(left.value, value, apply)) };
  throw new Error(`an operation on ${left.kind} and ${right.kind} is not imitated`);
}

/** What is not a number, such as a quotient by zero, is no value. */
function of(
  left: number | undefined,
  right: number | undefined,
  apply: Operator['apply'],
): number | undefined {
  if (left === undefined || right === undefined) return undefined;
  const value = apply(left, right);
  return Number.isFinite(value) ? value : undefined;
}

function truth(holds: boolean): number {
  return holds ? 1 : 0;
}
