import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Criteria,
  judge,
  MISSING_DATA_TREATMENTS,
  type Point,
  significantSamples,
} from '../../local/cloudwatch/alarms/judge.ts';
import { alarmsOf, holds, parseRule } from '../../local/cloudwatch/alarms/rule.ts';

const POINTS: Readonly<Record<string, Point>> = { '0': 'within', X: 'breaching', '-': 'missing' };
const points = (text: string): Point[] => text.split(' ').map((letter) => POINTS[letter] ?? 'missing');

/** The states under missing, ignore, breaching and notBreaching; undefined is the state it has. */
function judged(text: string, datapointsToAlarm: number) {
  return MISSING_DATA_TREATMENTS.map((treatMissingData) =>
    judge(points(text), { evaluationPeriods: 3, datapointsToAlarm, treatMissingData }),
  );
}

const OK = 'OK';
const ALARM = 'ALARM';
const KEPT = undefined;

// The tables of "Configuring how CloudWatch alarms treat missing data", row by row.
describe('an alarm of 3 out of 3 datapoints', () => {
  it.each([
    ['0 - X - X', [OK, OK, OK, OK]],
    ['- - - - 0', [OK, OK, OK, OK]],
    ['- - - - -', ['INSUFFICIENT_DATA', KEPT, ALARM, OK]],
    ['0 X X - X', [ALARM, ALARM, ALARM, ALARM]],
    ['- - X - -', [ALARM, KEPT, ALARM, OK]],
  ])('at %s', (text, states) => {
    expect(judged(text, 3)).toEqual(states);
  });

  it.each(['- - - - X', '- - - X -'])('does not ring too soon at %s', (text) => {
    expect(judged(text, 3)).toEqual([OK, KEPT, ALARM, OK]);
  });
});

describe('an alarm of 2 out of 3 datapoints', () => {
  it.each([
    ['0 - X - X', [ALARM, ALARM, ALARM, ALARM]],
    ['0 0 X 0 X', [ALARM, ALARM, ALARM, ALARM]],
    ['0 - X - -', [OK, OK, ALARM, OK]],
    ['- - - - 0', [OK, OK, ALARM, OK]],
    ['- - - X -', [ALARM, KEPT, ALARM, OK]],
  ])('at %s', (text, states) => {
    expect(judged(text, 2)).toEqual(states);
  });

  it('looks at the last three only, while none of them is missing', () => {
    expect(judged('X X X 0 0', 2)).toEqual([OK, OK, OK, OK]);
  });
});

describe('any alarm', () => {
  const alarms = fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.nat(), fc.constantFrom(...MISSING_DATA_TREATMENTS))
    .chain(([evaluationPeriods, choice, treatMissingData]) =>
      fc.record({
        criteria: fc.constant<Criteria>({
          evaluationPeriods,
          datapointsToAlarm: 1 + (choice % evaluationPeriods),
          treatMissingData,
        }),
        points: fc.array(fc.constantFrom<Point>('breaching', 'within', 'missing'), {
          minLength: evaluationPeriods + 2,
          maxLength: evaluationPeriods + 2,
        }),
      }),
    );

  it('does not care how missing data is treated while there is enough data', () => {
    fc.assert(
      fc.property(alarms, ({ criteria, points }) => {
        fc.pre(points.filter((point) => point !== 'missing').length >= criteria.evaluationPeriods);
        const states = MISSING_DATA_TREATMENTS.map((treatMissingData) =>
          judge(points, { ...criteria, treatMissingData }),
        );
        expect(new Set(states).size).toBe(1);
      }),
    );
  });

  it('that rings while missing data speaks against it rings whatever missing data says', () => {
    fc.assert(
      fc.property(alarms, ({ criteria, points }) => {
        fc.pre(judge(points, { ...criteria, treatMissingData: 'notBreaching' }) === 'ALARM');
        expect(judge(points, criteria)).toBe('ALARM');
      }),
    );
  });
});

describe('a percentile', () => {
  it('needs ten values on its rarer side to say anything', () => {
    expect([95, 99, 50, 10].map((percent) => Math.round(significantSamples(percent)))).toEqual([
      200, 1000, 20, 100,
    ]);
  });
});

describe('the rule of a composite alarm', () => {
  const ringing = new Set(['a', 'b']);
  const holdsNow = (text: string) =>
    holds(parseRule(text), (name) =>
      ringing.has(name) ? 'ALARM' : name === 'new' ? 'INSUFFICIENT_DATA' : 'OK',
    );

  it.each([
    ['ALARM("a")', true],
    ['ALARM(c)', false],
    ["OK('c') AND INSUFFICIENT_DATA(new)", true],
    ['NOT ALARM("a") OR ALARM("c")', false],
    ['NOT (ALARM("a") AND ALARM("c"))', true],
    // AND binds more tightly.
    ['ALARM("a") OR ALARM("c") AND ALARM("d")', true],
    ['(ALARM("a") OR ALARM("c")) AND ALARM("d")', false],
    ['FALSE or not FALSE', true],
    ['ALARM("arn:aws:cloudwatch:us-east-1:000000000000:alarm:a")', true],
  ])('%s', (text, expected) => {
    expect(holdsNow(text)).toBe(expected);
  });

  it('names what it is about', () => {
    expect(alarmsOf(parseRule('(ALARM("a") OR NOT OK("b c")) AND TRUE'))).toEqual(['a', 'b c']);
  });

  it.each([
    '',
    'ALARM()',
    'ALARM("a") ALARM("b")',
    '(ALARM("a")',
    'AT_LEAST(2, ALARM, (a, b))',
    'ALARM("a") XOR TRUE',
  ])('that is none is refused: %s', (text) => {
    expect(() => parseRule(text)).toThrow('is not imitated');
  });
});
