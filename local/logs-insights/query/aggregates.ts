import type { Evaluate } from './functions.ts';
import { malformed } from './malformed.ts';
import type { Row } from './row.ts';
import { inOrder, numberOf, textOf, type Value } from './value.ts';

/** Adds rows up to one value. */
interface Aggregate {
  add(row: Row): void;
  result(): Value;
}

export type MakeAggregate = () => Aggregate;

/** An aggregate over numbers of rows that have one. */
function overNumbers(of: Evaluate, fold: (numbers: readonly number[]) => Value): MakeAggregate {
  return () => {
    const numbers: number[] = [];
    return {
      add(row) {
        const number = numberOf(of(row));
        if (number !== undefined) numbers.push(number);
      },
      result: () => (numbers.length === 0 ? undefined : fold(numbers)),
    };
  };
}

function counting(counts: (row: Row) => boolean): MakeAggregate {
  return () => {
    let count = 0;
    return {
      add(row) {
        if (counts(row)) count += 1;
      },
      result: () => count,
    };
  };
}

function countDistinct(of: Evaluate): MakeAggregate {
  return () => {
    const values = new Set<string>();
    return {
      add(row) {
        const value = of(row);
        if (value !== undefined) values.add(textOf(value));
      },
      result: () => values.size,
    };
  };
}

/** The smallest (-1) or the largest (1), of times and texts too. */
function extreme(of: Evaluate, sign: 1 | -1): MakeAggregate {
  return () => {
    let found: Value;
    return {
      add(row) {
        const value = of(row);
        if (value !== undefined && (found === undefined || sign * inOrder(value, found) > 0)) found = value;
      },
      result: () => found,
    };
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const OF_ONE = new Map<string, (of: Evaluate) => MakeAggregate>(
  Object.entries({
    avg: (of) => overNumbers(of, (numbers) => sum(numbers) / numbers.length),
    count: (of) => counting((row) => of(row) !== undefined),
    count_distinct: countDistinct,
    max: (of) => extreme(of, 1),
    min: (of) => extreme(of, -1),
    sum: (of) => overNumbers(of, sum),
  }),
);

/** What `stats` may compute, `pct` beside the others. */
export const AGGREGATES = [...OF_ONE.keys(), 'pct'];

/** @throws AwsError when there is no such aggregate, or not of so many arguments */
export function aggregateOf(name: string, args: readonly Evaluate[]): MakeAggregate {
  const [of, share] = args;
  if (name === 'count' && of === undefined) return counting(() => true);
  if (name === 'pct' && of !== undefined && share !== undefined && args.length === 2)
    return (): Aggregate => percentile(of, share);
  const make = OF_ONE.get(name);
  if (make === undefined || of === undefined || args.length > 1)
    throw malformed(`${name} does not take ${args.length} arguments`);
  return make(of);
}

function percentile(of: Evaluate, share: Evaluate): Aggregate {
  let percent = 0;
  const values = overNumbers(of, (numbers) => nearestRank(numbers, percent))();
  return {
    add(row) {
      percent = numberOf(share(row)) ?? 0;
      values.add(row);
    },
    result: () => values.result(),
  };
}

function nearestRank(numbers: readonly number[], percent: number): Value {
  const rank = Math.max(1, Math.ceil((percent / 100) * numbers.length));
  return numbers.toSorted((left, right) => left - right)[rank - 1];
}
