import type { MakeAggregate } from './aggregates.ts';
import type { Evaluate } from './functions.ts';
import { Row } from './row.ts';
import { inOrder, isTrue, textOf } from './value.ts';

/** Takes rows, and what follows them: that there are no more. */
export interface Stage {
  push(row: Row): void;
  end(): void;
}

/** A command of a query, put before what takes its rows. */
export type Command = (next: Stage) => Stage;

export interface Column {
  readonly name: string;
  readonly evaluate: Evaluate;
}

/** Most rows that are sorted, and groups that are counted. */
const MAX_HELD = 100_000;

/** A query asked for more than is done here. */
export class QueryTooLarge extends Error {}

export const filtering =
  (condition: Evaluate): Command =>
  (next) => ({
    push(row) {
      if (isTrue(condition(row))) next.push(row);
    },
    end: () => next.end(),
  });

/** Gives rows values under new names. */
export const computing =
  (columns: readonly Column[]): Command =>
  (next) => ({
    push(row) {
      for (const { name, evaluate } of columns) row.set(name, evaluate(row));
      next.push(row);
    },
    end: () => next.end(),
  });

export const limiting =
  (most: number): Command =>
  (next) => {
    let count = 0;
    return {
      push(row) {
        if (count < most) next.push(row);
        count += 1;
      },
      end: () => next.end(),
    };
  };

export interface SortKey {
  readonly evaluate: Evaluate;
  readonly isDescending: boolean;
}

export const sorting =
  (keys: readonly SortKey[]): Command =>
  (next) => {
    const rows: Row[] = [];
    return {
      push(row) {
        if (rows.length === MAX_HELD)
          throw new QueryTooLarge(`more than ${MAX_HELD} lines are not sorted here`);
        rows.push(row);
      },
      end() {
        for (const row of rows.sort(by(keys))) next.push(row);
        next.end();
      },
    };
  };

function by(keys: readonly SortKey[]): (left: Row, right: Row) => number {
  return (left, right) => {
    for (const { evaluate, isDescending } of keys) {
      const order = inOrder(evaluate(left), evaluate(right));
      if (order !== 0) return isDescending ? -order : order;
    }
    return 0;
  };
}

export interface AggregateColumn {
  readonly name: string;
  readonly make: MakeAggregate;
}

/** Groups rows by columns, and adds each group up; without columns all of them. */
export const grouping =
  (aggregates: readonly AggregateColumn[], columns: readonly Column[]): Command =>
  (next) => {
    const groups = new Map<string, { row: Row; running: ReturnType<MakeAggregate>[] }>();
    const open = (row: Row) => {
      if (groups.size === MAX_HELD)
        throw new QueryTooLarge(`more than ${MAX_HELD} groups are not counted here`);
      const group = { row: new Row(), running: aggregates.map(({ make }) => make()) };
      for (const { name, evaluate } of columns) group.row.set(name, evaluate(row));
      return group;
    };
    return {
      push(row) {
        const key = JSON.stringify(
          columns.map(({ evaluate }) => {
            const value = evaluate(row);
            return value === undefined ? null : textOf(value);
          }),
        );
        const group = groups.get(key) ?? open(row);
        groups.set(key, group);
        for (const aggregate of group.running) aggregate.add(row);
      },
      end() {
        for (const { row, running } of groups.values()) {
          for (const [at, { name }] of aggregates.entries()) row.set(name, running[at]?.result());
          next.push(row);
        }
        next.end();
      },
    };
  };
