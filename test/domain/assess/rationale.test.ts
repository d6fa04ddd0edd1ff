import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assessment } from '../../../lambdas/domain/assess/assessment.ts';
import { rationaleOf } from '../../../lambdas/domain/assess/rationale.ts';
import type { ChangePoint } from '../../../lambdas/domain/detect/detector.ts';
import { resolveParameters } from '../../../lambdas/domain/parameters.ts';
import { EXCLUSION_REASONS } from '../../../lambdas/domain/report/document.ts';
import { analysedWith, changeAt, seriesOfValues } from './builders.ts';

/** Words that claim a cause or the future, which no text of the product may hold. */
const FORBIDDEN = /caused|because of|predict|forecast|will (drop|fall|lose)|guarantee|wasted/i;

const line = (n: number, from: number, to = from) =>
  Array.from({ length: n }, (_, i) => from + ((to - from) * i) / Math.max(1, n - 1));

const rationale = (ctr: Assessment) => rationaleOf(ctr, resolveParameters());
const of = (values: readonly number[], changes: readonly ChangePoint[]) =>
  rationale(analysedWith(seriesOfValues(values), changes));

describe('rationale', () => {
  it('of a healthy creative', () => {
    expect(of(line(40, 0.0236), [])).toBe(
      'CTR averaged 2.36 % over the 40 observed days since 3 Mar 2025, level with its benchmark of 2.36 %, and has no change point for the worse in the last 14 observed days.',
    );
  });

  it('of a healthy creative whose latest segment declines', () => {
    expect(of([...line(20, 0.02), ...line(21, 0.0205, 0.0175)], [changeAt(20)])).toBe(
      'CTR averaged 1.90 % over the 21 observed days since 23 Mar 2025, 5 % lower than its benchmark of 2.00 %, falling by 0.015 percentage points a day, and has no change point for the worse in the last 14 observed days.',
    );
  });

  it('of early fatigue, with detection and onset', () => {
    expect(of([...line(50, 0.02), ...line(12, 0.0188)], [changeAt(54, { onsetIndex: 50 })])).toBe(
      'CTR changed for the worse on 22 Apr 2025 (detected on 26 Apr 2025) and averaged 1.88 % over the 12 observed days since 22 Apr 2025, 6 % lower than its benchmark of 2.00 %.',
    );
    expect(of([...line(50, 0.02), ...line(12, 0.0188)], [changeAt(50)])).toContain(
      'CTR changed for the worse on 22 Apr 2025 and averaged',
    );
  });

  it('of a fatigued creative', () => {
    expect(of([...line(61, 0.0236), ...line(35, 0.0141)], [changeAt(65, { onsetIndex: 61 })])).toBe(
      'CTR averaged 1.41 % over the 35 observed days since 3 May 2025, 40 % lower than its benchmark of 2.36 %.',
    );
  });

  it('of terminal decline', () => {
    expect(of([...line(20, 0.02), ...line(21, 0.016, 0.01)], [changeAt(20)])).toBe(
      'CTR averaged 1.30 % over the 21 observed days since 23 Mar 2025, 35 % lower than its benchmark of 2.00 %, falling by 0.030 percentage points a day.',
    );
  });

  it('of a creative without a benchmark', () => {
    expect(of(line(31, 0.03, 0.01), [])).toBe(
      'CTR averaged 2.00 % over the 31 observed days since 3 Mar 2025, and no stable or improving segment of at least 7 observed days gives a benchmark.',
    );
  });

  it('of a creative with one observed day in its latest segment, above a benchmark of 0', () => {
    expect(of([...line(20, 0), 0.01], [changeAt(20, { direction: 'better' })])).toContain(
      'CTR averaged 1.00 % over the 1 observed day since 23 Mar 2025, above its benchmark of 0 %',
    );
  });

  it('of an excluded creative, by reason', () => {
    const excluded = { n: 12, gap: 9, density: 0.4 };
    const sentences = EXCLUSION_REASONS.map((reason) => rationale({ excluded: { reason, ...excluded } }));
    expect(sentences).toEqual([
      'No observed day has impressions, so there is no CTR to follow.',
      'Only 12 observed days with impressions, where a verdict needs at least 30.',
      'Two observed days lie 9 days apart, where a verdict allows at most 7.',
      'Only 12 of 30 days were observed, where a verdict needs at least 50 %.',
    ]);
    expect(rationale({ excluded: { reason: 'too_few_days', n: 1, gap: null, density: 1 } })).toContain(
      '1 observed day ',
    );
  });

  it('is one sentence without forbidden words, for any series and changes', () => {
    const value = fc.integer({ min: 0, max: 60_000 }).map((clicks) => clicks / 1_000_000);
    const change = fc.record({
      index: fc.integer({ min: 5, max: 49 }),
      direction: fc.constantFrom('worse' as const, 'better' as const, 'none' as const),
    });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 50, maxLength: 50 }),
        fc.array(change, { maxLength: 4 }),
        (values, changes) => {
          const text = of(
            values,
            changes.map(({ index, direction }) => changeAt(index, { direction })),
          );
          expect(text).not.toMatch(FORBIDDEN);
          expect(text).toMatch(/^CTR .*[^.]\.$/);
          expect(text).not.toMatch(/NaN|undefined|null|Infinity|\. /);
        },
      ),
    );
  });
});
