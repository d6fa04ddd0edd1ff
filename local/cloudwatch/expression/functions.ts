import { columnsOf, type Series, type SeriesValue, scalar, type Value } from './value.ts';

type Apply = (...args: readonly Value[]) => Value;

/** Functions of metric math by name, but for `METRICS`, which is about what else is asked for. */
const FUNCTIONS: Readonly<Record<string, Apply>> = {
  ABS: mapped((value) => Math.abs(value)),
  CEIL: mapped((value) => Math.ceil(value)),
  FLOOR: mapped((value) => Math.floor(value)),
  LOG: mapped((value) => Math.log(value)),
  LOG10: mapped((value) => Math.log10(value)),
  AVG: reduced((values) => sum(values) / values.length),
  MAX: reduced((values) => Math.max(...values)),
  MIN: reduced((values) => Math.min(...values)),
  SUM: reduced(sum),
  DATAPOINT_COUNT: reduced((values) => values.length),
  DIFF: shifted((now, before) => now - before),
  RATE: shifted((now, before, period) => (now - before) / period),
  FILL: (subject, filling) => onSeries(subject, (one) => ({ ...one, values: filled(one.values, filling) })),
  IF: (condition, then, otherwise) => {
    if (then === undefined || otherwise === undefined) throw new Error('IF needs three arguments');
    if (condition?.kind === 'scalar') return condition.value === 0 ? otherwise : then;
    return onSeries(condition, (one) => ({
      ...one,
      values: one.values.map((value, at) =>
        value === undefined ? undefined : valueAt(value === 0 ? otherwise : then, at),
      ),
    }));
  },
  PERIOD: (subject) => scalar(seriesOf(subject).period),
  RUNNING_SUM: (subject) => onSeries(subject, runningSum),
};

export const FUNCTION_NAMES: ReadonlySet<string> = new Set([...Object.keys(FUNCTIONS), 'METRICS']);

/** @throws Error when it cannot be applied to these */
export function applyFunction(name: string, args: readonly Value[]): Value {
  const apply = FUNCTIONS[name];
  if (apply === undefined) throw new Error(`the function ${name} is not imitated`);
  return apply(...args);
}

/** Value by value. */
function mapped(map: (value: number) => number): Apply {
  return (subject) => {
    if (subject?.kind === 'scalar') return scalar(map(subject.value));
    return onSeries(subject, (one) => ({
      ...one,
      values: one.values.map((value) => (value === undefined ? undefined : finite(map(value)))),
    }));
  };
}

/** One series to a number, and several to one series: of the values there are in each period. */
function reduced(reduce: (values: readonly number[]) => number): Apply {
  return (subject) => {
    if (subject?.kind !== 'list') return scalar(reduce(present(seriesOf(subject).values)));
    const { columns, grid } = columnsOf(subject.members);
    const values = columns.map((column) => {
      const there = present(column);
      return there.length === 0 ? undefined : reduce(there);
    });
    return { kind: 'series', values, ...grid };
  };
}

/** Each value with the one a period before; none without that. */
function shifted(step: (now: number, before: number, period: number) => number): Apply {
  return (subject) =>
    onSeries(subject, (one) => ({
      ...one,
      values: one.values.map((now, at) => {
        const before = one.values[at - 1];
        return now === undefined || before === undefined ? undefined : step(now, before, one.period);
      }),
    }));
}

function runningSum(one: SeriesValue): SeriesValue {
  let total = 0;
  const values = one.values.map((value) => {
    if (value === undefined) return undefined;
    total += value;
    return total;
  });
  return { ...one, values };
}

/** By a number, by another series, or by the value before. */
function filled(values: Series, filling: Value | undefined): Series {
  if (filling === undefined) throw new Error('FILL needs what to fill with');
  if (filling.kind !== 'text') return values.map((value, at) => value ?? valueAt(filling, at));
  if (filling.text !== 'REPEAT') throw new Error(`FILL with ${filling.text} is not imitated`);
  let last: number | undefined;
  return values.map((value) => {
    last = value ?? last;
    return last;
  });
}

function valueAt(value: Value, at: number): number | undefined {
  return value.kind === 'scalar' ? value.value : seriesOf(value).values[at];
}

/** Applies to a series, or to each of several. */
function onSeries(subject: Value | undefined, apply: (one: SeriesValue) => SeriesValue): Value {
  if (subject?.kind !== 'list') return apply(seriesOf(subject));
  return { kind: 'list', members: subject.members.map(apply) };
}

function seriesOf(value: Value | undefined): SeriesValue {
  if (value?.kind === 'series') return value;
  throw new Error('a function of metrics needs one');
}

function present(values: Series): number[] {
  return values.filter((value) => value !== undefined);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
