import { applyFunction } from './functions.ts';
import { combine, OPERATORS } from './operators.ts';
import type { Expression } from './parse.ts';
import { type SeriesValue, scalar, type Value } from './value.ts';

/** What the expressions of one request or alarm may refer to. */
export interface Known {
  /** The value of a metric or another expression. @throws Error when there is none of that id */
  valueOf(id: string): Value;
  /** Every metric that is asked for, by its id; expressions are none. */
  metrics(): ReadonlyMap<string, SeriesValue>;
}

/** @throws Error when the expression cannot be evaluated over these values */
export function evaluate(expression: Expression, known: Known): Value {
  const of = (part: Expression): Value => evaluate(part, known);
  switch (expression.kind) {
    case 'number':
      return scalar(expression.value);
    case 'text':
      return expression;
    case 'reference':
      return known.valueOf(expression.id);
    case 'array':
      return listOf(expression.items.map(of));
    case 'negation':
      return combine(scalar(0), of(expression.operand), (zero, value) => zero - value);
    case 'operation': {
      const operator = OPERATORS[expression.operator];
      if (operator === undefined) throw new Error(`the operator ${expression.operator} is not imitated`);
      return combine(of(expression.left), of(expression.right), operator.apply);
    }
    case 'call': {
      const args = expression.args.map(of);
      return expression.name === 'METRICS' ? metrics(known, args[0]) : applyFunction(expression.name, args);
    }
  }
}

function metrics(known: Known, part: Value | undefined): Value {
  const named = [...known.metrics()].filter(([id]) => part?.kind !== 'text' || id.includes(part.text));
  return { kind: 'list', members: named.map(([, series]) => series) };
}

/** Series side by side; a number among them is one that never changes. */
function listOf(items: readonly Value[]): Value {
  const like = items.find((item) => item.kind === 'series');
  const members = items.flatMap((item) => {
    if (item.kind === 'series') return item;
    if (item.kind === 'list') return item.members;
    if (item.kind === 'scalar' && like !== undefined)
      return { ...like, values: like.values.map(() => item.value) };
    throw new Error(`an array of ${item.kind} is not imitated`);
  });
  return { kind: 'list', members };
}
