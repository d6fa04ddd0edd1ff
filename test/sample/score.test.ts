import { expect, it } from 'vitest';
import type { TrueEvent } from '../../sample/export.ts';
import { scoreAgainstTruth, scoredDocumentSchema, scoreLines } from '../../sample/score.ts';

type Change = readonly [day: string, onsetDay: string, direction: 'worse' | 'better'];

function item(id: string, ctr: readonly Change[], cpc: readonly Change[] = []) {
  const metric = (changes: readonly Change[]) => ({
    changePoints: changes.map(([day, onsetDay, direction]) => ({ day, onsetDay, direction })),
  });
  return { id, metrics: { ctr: metric(ctr), cpc: metric(cpc) } };
}

const drop: TrueEvent = {
  creative: 'a',
  kind: 'drop',
  metric: 'ctr',
  onsetDay: '2025-03-01',
  magnitude: -0.3,
};
const score = (event: TrueEvent, ...changes: Change[]) => {
  const document = {
    items: [item('a', event.metric === 'ctr' ? changes : [], event.metric === 'cpc' ? changes : [])],
  };
  return scoreAgainstTruth(document, [event]).kinds.find(({ kind }) => kind === event.kind);
};

it.each([
  ['on its first day', drop, '2025-03-01', 1],
  ['two weeks after it', drop, '2025-03-15', 1],
  ['later than that', drop, '2025-03-16', 0],
  ['before it', drop, '2025-02-28', 0],
  [
    'two weeks after a gradual fall is complete',
    { ...drop, kind: 'gradual', endDay: '2025-03-11' } as const,
    '2025-03-25',
    1,
  ],
  ['later than that', { ...drop, kind: 'gradual', endDay: '2025-03-11' } as const, '2025-03-26', 0],
  [
    'after two weeks of a passing drop',
    { ...drop, kind: 'drop_recover', endDay: '2025-03-25' } as const,
    '2025-03-16',
    0,
  ],
  ['while it wears out', { ...drop, kind: 'wear_out' } as const, '2025-04-08', 1],
])('counts a change detected %s as it should', (_, event, day, found) => {
  expect(score(event, [day, event.onsetDay, 'worse'])?.found).toBe(found);
});

it('wants the direction and the metric of the event', () => {
  expect(score(drop, ['2025-03-02', '2025-03-01', 'better'])?.found).toBe(0);
  expect(score({ ...drop, kind: 'step_up' }, ['2025-03-02', '2025-03-01', 'better'])?.found).toBe(1);
  expect(
    score({ ...drop, kind: 'cpc_step', metric: 'cpc' }, ['2025-03-02', '2025-03-01', 'worse'])?.found,
  ).toBe(1);
  const inCtr = { items: [item('a', [['2025-03-02', '2025-03-01', 'worse']])] };
  const cpcEvent = { ...drop, kind: 'cpc_step', metric: 'cpc' } as const;
  expect(scoreAgainstTruth(inCtr, [cpcEvent]).kinds.every(({ found }) => found === 0)).toBe(true);
});

it('measures delay and onset error of the first change that counts', () => {
  expect(
    score(drop, ['2025-02-10', '2025-02-08', 'worse'], ['2025-03-06', '2025-02-27', 'worse']),
  ).toMatchObject({
    planted: 1,
    found: 1,
    medianDelay: 5,
    medianOnsetError: 2,
  });
});

it('counts creatives that alarm without a planted change, leaving out those not analysed', () => {
  const document = scoredDocumentSchema.parse({
    items: [
      item('a', []),
      item('quiet', []),
      item('better', [['2025-03-02', '2025-03-01', 'better']]),
      item('alarm', [['2025-03-02', '2025-03-01', 'worse']]),
      { id: 'short', metrics: { ctr: { excluded: { reason: 'too_few_days' } }, cpc: { excluded: {} } } },
    ],
  });
  const result = scoreAgainstTruth(document, [drop]);
  expect(result).toMatchObject({ quiet: 3, falseAlarms: 1 });
  expect(scoreLines(result)).toEqual(
    expect.arrayContaining([
      'drop            0/1        –            –',
      'no change: 1 of 3 creatives show a CTR change for the worse all the same',
    ]),
  );
});
