import { malformed } from './malformed.ts';
import type { Row } from './row.ts';
import { isTrue, numberOf, textOf, type Value } from './value.ts';

export type Evaluate = (row: Row) => Value;

interface FunctionOfValues {
  readonly least: number;
  readonly most: number;
  call(values: readonly Value[]): Value;
}

const one = (call: (value: Value) => Value): FunctionOfValues => ({
  least: 1,
  most: 1,
  call: ([value]) => call(value),
});
const ofText = (call: (text: string) => Value): FunctionOfValues =>
  one((value) => (value === undefined ? undefined : call(textOf(value))));
const ofNumber = (call: (number: number) => number): FunctionOfValues =>
  one((value) => {
    const number = numberOf(value);
    return number === undefined ? undefined : call(number);
  });

const FUNCTIONS = new Map<string, FunctionOfValues>(
  Object.entries({
    abs: ofNumber(Math.abs),
    ceil: ofNumber(Math.ceil),
    coalesce: { least: 1, most: 100, call: (values) => values.find((value) => value !== undefined) },
    concat: {
      least: 1,
      most: 100,
      call: (values) => values.map((value) => (value === undefined ? '' : textOf(value))).join(''),
    },
    floor: ofNumber(Math.floor),
    isblank: one((value) => Number(value === undefined || textOf(value).trim() === '')),
    isempty: one((value) => Number(value === undefined || value === '')),
    ispresent: one((value) => Number(value !== undefined)),
    strcontains: {
      least: 2,
      most: 2,
      call: ([text, part]) =>
        Number(text !== undefined && part !== undefined && textOf(text).includes(textOf(part))),
    },
    strlen: ofText((text) => text.length),
    tolower: ofText((text) => text.toLowerCase()),
    toupper: ofText((text) => text.toUpperCase()),
    trim: ofText((text) => text.trim()),
  }),
);

/** A call of a function. @throws AwsError when it is not imitated, or takes other arguments */
export function callOf(name: string, args: readonly Evaluate[]): Evaluate {
  const called = FUNCTIONS.get(name.toLowerCase());
  if (called === undefined)
    throw malformed(
      `the function ${name} is not imitated here, of all ${[...FUNCTIONS.keys()].join(', ')} and bin are`,
    );
  const { least, most, call } = called;
  if (args.length < least || args.length > most)
    throw malformed(`${name} does not take ${args.length} arguments`);
  return (row) => call(args.map((argument) => argument(row)));
}

const UNITS: readonly (readonly [pattern: RegExp, milliseconds: number])[] = [
  [/^(?:ms|msecs?|milliseconds?)$/i, 1],
  [/^(?:s|secs?|seconds?)$/i, 1_000],
  [/^(?:m|mins?|minutes?)$/i, 60_000],
  [/^(?:h|hrs?|hours?)$/i, 3_600_000],
  [/^(?:d|days?)$/i, 86_400_000],
];

/** `bin(5m)`: the period that a line's time lies in. @throws AwsError when the period is none */
export function binOf(period: string): Evaluate {
  const [, count = '', unit = ''] = /^(\d+)([a-z]+)$/i.exec(period) ?? [];
  const [, milliseconds = 0] = UNITS.find(([pattern]) => pattern.test(unit)) ?? [];
  const length = Number(count) * milliseconds;
  if (length === 0) throw malformed(`bin(${period}) is not imitated; periods are of ms, s, m, h or d`);
  return (row) => {
    const time = numberOf(row.get('@timestamp'));
    return time === undefined ? undefined : new Date(time - (time % length));
  };
}

const ARITHMETIC: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
};

export function arithmetic(left: Evaluate, operator: string, right: Evaluate): Evaluate {
  const apply = ARITHMETIC[operator];
  if (apply === undefined) throw malformed(`the operator ${operator} is not imitated`);
  return (row) => {
    const [a, b] = [numberOf(left(row)), numberOf(right(row))];
    if (a === undefined || b === undefined) return undefined;
    const result = apply(a, b);
    return Number.isFinite(result) ? result : undefined;
  };
}

export function negated(condition: Evaluate): Evaluate {
  return (row) => Number(!isTrue(condition(row)));
}
