import { z } from 'zod';
import { evaluate, type Known } from './expression/evaluate.ts';
import { type Expression, parseExpression, referencesOf } from './expression/parse.ts';
import type { SeriesValue, Value } from './expression/value.ts';
import { type Metric, type MetricStore, MINUTE_MS, statisticOf } from './metrics.ts';

export const dimensionsSchema = z
  .array(z.looseObject({ Name: z.string(), Value: z.string() }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value])));

/** One of the metrics and expressions that are asked for together, as alarms and `GetMetricData` have it. */
export const querySchema = z.looseObject({
  Id: z.string(),
  Expression: z.string().nullish(),
  Label: z.string().nullish(),
  Period: z.coerce.number().nullish(),
  ReturnData: z.boolean().nullish(),
  MetricStat: z
    .looseObject({
      Metric: z.looseObject({
        Namespace: z.string(),
        MetricName: z.string(),
        Dimensions: dimensionsSchema,
      }),
      Period: z.coerce.number(),
      Stat: z.string(),
    })
    .nullish(),
});

interface Common {
  readonly id: string;
  readonly label: string;
  /** Whether it is only there for others to refer to. */
  readonly returned: boolean;
}

export interface StatisticQuery extends Common {
  readonly kind: 'statistic';
  readonly metric: Metric;
  readonly statistic: string;
  /** Seconds. */
  readonly period: number;
}

interface ExpressionQuery extends Common {
  readonly kind: 'expression';
  readonly text: string;
  readonly expression: Expression;
}

export type Query = StatisticQuery | ExpressionQuery;

/** @throws Error saying what of it is not imitated, or wrong */
export function readQuery(given: z.output<typeof querySchema>): Query {
  const { Id: id, Expression: text, MetricStat: stat, Label, ReturnData } = given;
  const returned = ReturnData ?? true;
  if (typeof text === 'string')
    return { kind: 'expression', id, label: Label ?? id, returned, text, expression: parseExpression(text) };
  if (stat === null || stat === undefined) throw new Error(`${id} has neither a metric nor an expression`);
  const { Namespace: namespace, MetricName: name, Dimensions: dimensions } = stat.Metric;
  return statisticQuery(
    { id, label: Label ?? name, returned },
    { namespace, name, dimensions },
    { statistic: stat.Stat, period: stat.Period },
  );
}

/** @throws Error when statistic or period are not imitated */
export function statisticQuery(
  common: Common,
  metric: Metric,
  { statistic, period }: { readonly statistic: string; readonly period: number },
): StatisticQuery {
  if (statisticOf(statistic) === undefined) throw new Error(`the statistic ${statistic} is not imitated`);
  if (!(period > 0) || period % 60 !== 0) throw new Error(`a period of ${period} s is not imitated`);
  return { kind: 'statistic', ...common, metric, statistic, period };
}

/** @throws Error naming an id that an expression refers to and nothing has, or that leads back to itself */
export function checkReferences(queries: readonly Query[]): void {
  const byId = new Map(queries.map((query) => [query.id, query]));
  const visit = (id: string, above: readonly string[]): void => {
    const query = byId.get(id);
    if (query === undefined) throw new Error(`there is no metric ${id}`);
    if (above.includes(id)) throw new Error(`${id} refers to itself`);
    if (query.kind === 'expression')
      for (const reference of referencesOf(query.expression)) visit(reference, [...above, id]);
  };
  for (const { id } of queries) visit(id, []);
}

/** A span of the timeline, in milliseconds. */
export interface Window {
  /** A whole minute. */
  readonly start: number;
  readonly end: number;
  /** Whether periods begin at multiples of themselves, and not where the window does: the first then begins before it. */
  readonly aligned: boolean;
}

/** The values of queries over one window. */
export class QueryValues implements Known {
  readonly #store: MetricStore;
  readonly #window: Window;
  readonly #queries: ReadonlyMap<string, Query>;
  readonly #values = new Map<string, Value>();

  constructor(store: MetricStore, queries: readonly Query[], window: Window) {
    this.#store = store;
    this.#window = window;
    this.#queries = new Map(queries.map((query) => [query.id, query]));
  }

  /** @throws Error when there is no such query, or it cannot be evaluated */
  valueOf(id: string): Value {
    const known = this.#values.get(id);
    if (known !== undefined) return known;
    const query = this.#queries.get(id);
    if (query === undefined) throw new Error(`there is no metric ${id}`);
    const value = query.kind === 'statistic' ? this.#series(query) : evaluate(query.expression, this);
    this.#values.set(id, value);
    return value;
  }

  metrics(): ReadonlyMap<string, SeriesValue> {
    const metrics = new Map<string, SeriesValue>();
    for (const query of this.#queries.values())
      if (query.kind === 'statistic') metrics.set(query.id, this.#series(query));
    return metrics;
  }

  #series({ metric, statistic, period }: StatisticQuery): SeriesValue {
    const { start: from, end, aligned } = this.#window;
    const periodMs = period * 1000;
    const start = aligned ? from - (from % periodMs) : from;
    const values = new Array<number | undefined>(Math.ceil((end - start) / periodMs)).fill(undefined);
    for (const { timestamp, value } of this.#store.query(metric, { statistic, period, start, end }))
      values[Math.round((timestamp - start) / periodMs)] = value;
    return { kind: 'series', values, period, start };
  }
}

/** The last whole minute at or before a time. */
export function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MS) * MINUTE_MS;
}
