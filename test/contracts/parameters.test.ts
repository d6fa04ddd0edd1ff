import { describe, expect, expectTypeOf, it } from 'vitest';
import { type ParametersInput, parametersSchema } from '../../lambdas/contracts/parameters.ts';
import { type AnalysisParameters, resolveParameters } from '../../lambdas/domain/parameters.ts';

describe('the parameters schema', () => {
  it('has exactly the parameters of the domain', () => {
    expect(Object.keys(parametersSchema.shape).sort()).toEqual(Object.keys(resolveParameters()).sort());
    expectTypeOf<ParametersInput>().toExtend<Partial<AnalysisParameters>>();
    expectTypeOf<AnalysisParameters>().toExtend<ParametersInput>();
  });

  it('accepts the defaults of both detectors, and nothing at all', () => {
    expect(parametersSchema.parse({})).toEqual({});
    for (const detector of ['level', 'shape'] as const) {
      const defaults = resolveParameters({ detector });
      expect(parametersSchema.parse(defaults)).toEqual(defaults);
    }
  });

  it.each([
    ['windowSize', 2, 60, 1, 61],
    ['signatureDepth', 1, 5, 0, 6],
    ['threshold', 0, 100, -0.1, 100.1],
    ['minSeparation', 1, 365, 0, 366],
    ['levelThreshold', 0.1, 100, 0, 100.1],
    ['minDays', 1, 3650, 0, 3651],
    ['maxGapDays', 1, 3650, 0, 3651],
    ['minDensity', 0, 1, -0.1, 1.1],
    ['maxRejectedFraction', 0, 1, -0.1, 1.1],
    ['falseDiscoveryRate', 0.01, 0.99, 0, 1],
  ])('bounds %s', (name, least, most, below, above) => {
    for (const good of [least, most]) expect(parametersSchema.safeParse({ [name]: good }).success).toBe(true);
    for (const bad of [below, above, Number.NaN, Number.POSITIVE_INFINITY, `${least}`, undefined]) {
      expect(parametersSchema.safeParse({ [name]: bad }).success).toBe(false);
    }
  });

  it.each(['windowSize', 'signatureDepth', 'minSeparation', 'minDays', 'maxGapDays'])(
    'wants %s whole',
    (name) => {
      expect(parametersSchema.safeParse({ [name]: 2.5 }).success).toBe(false);
    },
  );

  it('refuses unknown names and values', () => {
    expect(parametersSchema.safeParse({ windowsize: 7 }).success).toBe(false);
    expect(parametersSchema.safeParse({ detector: 'shapes' }).success).toBe(false);
    expect(parametersSchema.safeParse({ includeDistances: 'yes' }).success).toBe(false);
  });
});
