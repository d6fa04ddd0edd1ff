import { describe, expect, it } from 'vitest';
import { assertAcceptable } from '../../../lambdas/domain/assess/acceptance.ts';
import { AnalysisError } from '../../../lambdas/domain/errors.ts';
import { REJECT_REASONS, type RowCounts } from '../../../lambdas/domain/observation/reject.ts';

const rows = (read: number, reasons: RowCounts['reasons']): RowCounts => ({
  read,
  rejected: Object.values(reasons).reduce((sum, count) => sum + count, 0),
  reasons,
  samples: [],
});

function refusal(
  counts: RowCounts,
  maxRejectedFraction = 0.01,
): Pick<AnalysisError, 'code' | 'message' | 'remedy'> {
  try {
    assertAcceptable(counts, maxRejectedFraction);
  } catch (error) {
    if (error instanceof AnalysisError) return error;
  }
  throw new Error('accepted');
}

describe('acceptance of a dataset', () => {
  it('refuses one without rows', () => {
    expect(refusal(rows(0, {})).code).toBe('empty_dataset');
  });

  it('accepts rejected rows up to the limit, exactly', () => {
    for (let rejected = 0; rejected <= 100; rejected++) {
      expect(() =>
        assertAcceptable(rows(100, { negative: Math.min(rejected, 99) }), rejected / 100),
      ).not.toThrow();
      if (rejected === 0) continue;
      expect(refusal(rows(100, { negative: rejected }), (rejected - 0.5) / 100).code).toBe(
        'too_many_rejected_rows',
      );
    }
  });

  it('names the top reasons and what to do about the first', () => {
    const counts = rows(1000, { missing_field: 2, bad_day: 30, negative: 7, column_count: 7 });
    expect(refusal(counts)).toMatchObject({
      code: 'too_many_rejected_rows',
      message:
        '46 of 1000 rows were rejected (4.6 %, limit 1 %): bad_day 30, column_count 7, negative 7, and 1 more.',
      remedy: 'Write days as YYYY-MM-DD, or say that they are DD/MM/YYYY or MM/DD/YYYY.',
    });
  });

  it('says what to do for every reason', () => {
    const remedies = REJECT_REASONS.map((reason) => refusal(rows(1, { [reason]: 1 })).remedy);
    expect(new Set(remedies).size).toBe(REJECT_REASONS.length);
  });

  it('refuses one whose rows were all rejected, whatever the limit', () => {
    expect(refusal(rows(3, { bad_item: 3 }), 1).code).toBe('too_many_rejected_rows');
  });
});
