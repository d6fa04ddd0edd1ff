import { describe, expect, it } from 'vitest';
import { evaluate } from '../../local/cloudwatch/expression/evaluate.ts';
import { parseExpression, referencesOf } from '../../local/cloudwatch/expression/parse.ts';
import type { Series, SeriesValue, Value } from '../../local/cloudwatch/expression/value.ts';

const none = undefined;
const METRICS: Readonly<Record<string, Series>> = {
  m1: [1, 2, none, 4],
  m2: [10, none, none, 40],
  errors: [0, 5, none, 1],
  zero: [0, 0, 0, 0],
};

const series = (values: Series): SeriesValue => ({ kind: 'series', values, period: 60, start: 0 });
const known = {
  valueOf(id: string): Value {
    const values = METRICS[id];
    if (values === undefined) throw new Error(`there is no metric ${id}`);
    return series(values);
  },
  metrics: () => new Map(Object.entries(METRICS).map(([id, values]) => [id, series(values)])),
};

function resultOf(text: string) {
  const value = evaluate(parseExpression(text), known);
  if (value.kind === 'scalar') return value.value;
  if (value.kind === 'series') return value.values;
  return value.kind === 'list' ? value.members.map(({ values }) => values) : value.text;
}

describe('an expression of metric math', () => {
  it.each<[string, unknown]>([
    ['1 + 2 * 3 ^ 2 - 8 / 4', 17],
    ['-(2 - 5)', 3],
    ['7 - 2 - 1', 4],
    ['m1 + 1', [2, 3, none, 5]],
    ['m1 + m2', [11, none, none, 44]],
    ['100 * errors / m1', [0, 250, none, 25]],
    // What has no quotient has no value.
    ['m1 / zero', [none, none, none, none]],
    ['m1 > 1', [0, 1, none, 1]],
    ['m1 >= 2 AND errors < 5', [0, 0, none, 1]],
    ['m1 == 1 || m1 == 4', [1, 0, none, 1]],
    ['-m1', [-1, -2, none, -4]],
    [
      '[m1, m2] * 2',
      [
        [2, 4, none, 8],
        [20, none, none, 80],
      ],
    ],
  ])('%s', (text, expected) => {
    expect(resultOf(text)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['SUM(m1)', 7],
    ['MAX(m1)', 4],
    ['AVG(errors)', 2],
    ['MIN(errors)', 0],
    ['DATAPOINT_COUNT(m1)', 3],
    // Of several series, those that have a value in the period.
    ['SUM([m1, m2])', [11, 2, none, 44]],
    ['MAX([m1, m2])', [10, 2, none, 40]],
    ['MIN([m1, 3])', [1, 2, 3, 3]],
    ['SUM(METRICS("m"))', [11, 2, none, 44]],
    ['FILL(m1, 0)', [1, 2, 0, 4]],
    ['FILL(m1, errors)', [1, 2, none, 4]],
    ['FILL(m2, REPEAT)', [10, 10, 10, 40]],
    ['IF(m1 >= 2, 100 * errors / m1, 0)', [0, 250, none, 25]],
    ['IF(m1 > 1, m2)', 'IF needs three arguments'],
    ['PERIOD(m1)', 60],
    ['m1 / PERIOD(m1) * 60', [1, 2, none, 4]],
    ['DIFF(m1)', [none, 1, none, none]],
    ['RATE(m1) * 60', [none, 1, none, none]],
    ['RUNNING_SUM(m1)', [1, 3, none, 7]],
    ['CEIL(m1 / 2) + FLOOR(m1 / 2)', [1, 2, none, 4]],
    ['ABS(-m1)', [1, 2, none, 4]],
    // Target tracking of provisioned concurrency: ten requests a second bind before executions do.
    ['MAX([errors, m2 * errors / (60 * m1)])', [0, 5, none, 1]],
  ])('%s', (text, expected) => {
    if (typeof expected === 'string') expect(() => resultOf(text)).toThrow(expected);
    else expect(resultOf(text)).toEqual(expected);
  });

  it.each([
    ['ANOMALY_DETECTION_BAND(m1)', 'the function ANOMALY_DETECTION_BAND is not imitated'],
    ['SEARCH(" ", "Sum")', 'the function SEARCH is not imitated'],
    ['FILL(m1, LINEAR)', 'FILL with LINEAR is not imitated'],
    ['m1 +', 'ends too early'],
    ['m1 m2', 'unexpected m2'],
    ['(m1', 'ends too early'],
    ['m1 ; process', 'unexpected ;'],
    ['SUM(1)', 'needs one'],
    ['unknown', 'there is no metric unknown'],
    [`${'('.repeat(200)}1${')'.repeat(200)}`, 'too deeply'],
  ])('that is not imitated is refused: %.40s', (text, reason) => {
    expect(() => resultOf(text)).toThrow(reason);
  });

  it('says which metrics it is about', () => {
    expect(referencesOf(parseExpression('IF(m1 > 0, SUM([m2, FILL(errors, REPEAT)]), -1)'))).toEqual([
      'm1',
      'm2',
      'errors',
    ]);
  });
});
