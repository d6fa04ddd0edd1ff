import * as z from 'zod';
import { AnalysisError } from '../domain/errors.ts';
import {
  type AnalysisParameters,
  BENCHMARK_RULES,
  DETECTORS,
  IMPACT_SCOPES,
  resolveParameters,
} from '../domain/parameters.ts';

/**
 * The parameters a caller may send (analysis spec §1, §3–§5, §7, §8, §10), with their bounds: of `POST /api/analyze`,
 * of a dataset, and of the command line, whose flags are made from this schema. Everything is optional; the domain's
 * `resolveParameters` fills in the defaults.
 */
export const parametersSchema = z.strictObject({
  detector: z
    .enum(DETECTORS)
    .exactOptional()
    .describe(
      'how change points are found: level compares counts before and after, shape compares path signatures',
    ),
  windowSize: z.int().min(2).max(60).exactOptional().describe('observations in a signature window'),
  signatureDepth: z.int().min(1).max(5).exactOptional().describe('depth of the log-signature of a window'),
  threshold: z
    .number()
    .min(0)
    .max(100)
    .exactOptional()
    .describe('shape: standard deviations above the mean distance that make a change'),
  minSeparation: z
    .int()
    .min(1)
    .max(365)
    .exactOptional()
    .describe('shape: fewest observations between two changes'),
  levelThreshold: z
    .number()
    .gt(0)
    .max(100)
    .exactOptional()
    .describe('level: score above which a change counts'),
  minDays: z
    .int()
    .min(1)
    .max(3650)
    .exactOptional()
    .describe('fewest days with data for a creative to be analysed'),
  maxGapDays: z
    .int()
    .min(1)
    .max(3650)
    .exactOptional()
    .describe('longest step between two days with data, in days'),
  minDensity: z.number().min(0).max(1).exactOptional().describe('smallest share of days with data'),
  benchmarkRule: z
    .enum(BENCHMARK_RULES)
    .exactOptional()
    .describe("which stable period is a creative's benchmark: its best or its longest"),
  impactScope: z
    .enum(IMPACT_SCOPES)
    .exactOptional()
    .describe(
      'which days count as loss: worse or declining segments after the benchmark, all after it, or all',
    ),
  maxRejectedFraction: z
    .number()
    .min(0)
    .max(1)
    .exactOptional()
    .describe('share of rejected rows above which the dataset is refused'),
  includeDistances: z.boolean().exactOptional().describe('put every window distance into the JSON report'),
  falseDiscoveryRate: z
    .number()
    .gt(0)
    .lt(1)
    .nullable()
    .exactOptional()
    .describe('also list worn-out creatives at this false discovery rate (Benjamini-Hochberg)'),
});

export type ParametersInput = z.infer<typeof parametersSchema>;

/**
 * Checks what a caller sent and fills in the defaults.
 *
 * @throws AnalysisError `invalid_request` naming every parameter that is unknown or out of bounds
 */
export function parseParameters(input: unknown = {}): AnalysisParameters {
  const parsed = parametersSchema.safeParse(input);
  if (parsed.success) return resolveParameters(parsed.data);
  const problems = parsed.error.issues.map(({ path, message }) => [...path, message].join(': '));
  throw new AnalysisError(
    'invalid_request',
    `The parameters cannot be used: ${problems.join('; ')}.`,
    `Known parameters: ${Object.keys(parametersSchema.shape).join(', ')}.`,
  );
}
