import * as z from 'zod';
import { REJECT_REASONS } from '../../domain/observation/reject.ts';
import { BENCHMARK_RULES, DETECTORS, IMPACT_SCOPES } from '../../domain/parameters.ts';
import { EXCLUSION_REASONS, FATIGUE_STATUSES } from '../../domain/report/document.ts';

const day = z.iso.date();
const count = z.int().min(0);
const figure = z.number().nullable();

const resolvedParametersSchema = z.strictObject({
  detector: z.enum(DETECTORS),
  windowSize: count,
  signatureDepth: count,
  threshold: z.number(),
  minSeparation: count,
  levelThreshold: z.number(),
  minDays: count,
  maxGapDays: count,
  minDensity: z.number(),
  benchmarkRule: z.enum(BENCHMARK_RULES),
  impactScope: z.enum(IMPACT_SCOPES),
  maxRejectedFraction: z.number(),
  includeDistances: z.boolean(),
  falseDiscoveryRate: figure,
  detectorVersion: count,
});

const rowsSchema = z.strictObject({
  read: count,
  rejected: count,
  reasons: z.partialRecord(z.enum(REJECT_REASONS), count),
  samples: z.array(
    z.strictObject({
      line: count.describe('physical line, from 1; of JSON the position of the element'),
      byteOffset: count.nullable(),
      column: z.string().nullable().describe('null for the whole row'),
      reason: z.enum(REJECT_REASONS),
      text: z.string(),
    }),
  ),
});

const totalsSchema = z.strictObject({
  items: count,
  analysed: count,
  excluded: count,
  impressions: count,
  clicks: count,
  spend: figure,
  actualOverspend: figure,
  engagementGapClicks: figure,
  from: day.nullable(),
  to: day.nullable(),
});

const changePointSchema = z.strictObject({
  index: count.describe('observation at which it was detected'),
  day,
  onsetIndex: count.describe('observation at which it most likely began'),
  onsetDay: day,
  direction: z.enum(['worse', 'better', 'none']),
  score: z.number(),
  distance: figure,
});

const segmentSchema = z.strictObject({
  start: count,
  end: count,
  from: day,
  to: day,
  n: count,
  trend: z.enum(['undetermined', 'stable', 'improving', 'declining']),
  slope: figure.describe('change of the metric per day'),
  mean: z.number(),
  relativeChange: figure,
  pValue: figure,
});

const analysedMetricSchema = z.strictObject({
  n: count.describe('observations'),
  distances: z.strictObject({
    mean: figure,
    sd: figure,
    threshold: figure,
    max: figure,
    values: z.array(z.number()).exactOptional().describe('only where they were asked for'),
  }),
  statistic: z
    .strictObject({ name: z.string(), limit: figure, start: count, values: z.array(z.number()) })
    .describe('the series that decided, and its limit'),
  changePoints: z.array(changePointSchema),
  segments: z.array(segmentSchema),
  benchmark: z.strictObject({ start: count, end: count, from: day, to: day, value: z.number() }).nullable(),
  benchmarkReason: z.literal('no_stable_segment').nullable(),
});

const excludedMetricSchema = z.strictObject({
  excluded: z.strictObject({
    reason: z.enum(EXCLUSION_REASONS),
    n: count,
    gap: count.nullable(),
    density: figure,
  }),
});

const metricSchema = z.union([analysedMetricSchema, excludedMetricSchema]).meta({ id: 'Metric' });

/** A creative in the result document (analysis spec §10). */
export const itemResultSchema = z
  .strictObject({
    id: z.string(),
    totals: z.strictObject({
      impressions: count,
      clicks: count,
      spend: figure,
      days: count,
      from: day.nullable(),
      to: day.nullable(),
    }),
    metrics: z.strictObject({
      ctr: metricSchema,
      cpc: metricSchema.nullable().describe('null without a spend column'),
    }),
    impact: z.strictObject({
      actualOverspend: figure,
      actualOverspendPct: figure,
      actualOverspendNet: figure,
      engagementGapClicks: figure,
      engagementGapClicksNet: figure,
      engagementGapReference: figure,
      correlation: z.strictObject({ r: figure, n: count, inverse: z.boolean() }),
    }),
    verdict: z.strictObject({
      ctrTrend: z.enum(['Declining', 'Stable']),
      fatigueStatus: z.enum(FATIGUE_STATUSES),
      healthScore: figure,
      riskScore: figure,
      replacementRecommended: z.boolean(),
      rationale: z.string(),
    }),
  })
  .meta({ id: 'ItemResult' });

/** The result document of a dataset (analysis spec §10). */
export const documentSchema = z
  .strictObject({
    engineVersion: z.string(),
    currency: z.string(),
    parameters: resolvedParametersSchema,
    rows: rowsSchema,
    totals: totalsSchema,
    items: z.array(itemResultSchema).describe('by risk score, worst first'),
    discoveries: z
      .strictObject({
        method: z.literal('benjamini-hochberg'),
        falseDiscoveryRate: z.number(),
        tested: count,
        items: z.array(z.strictObject({ id: z.string(), pValue: z.number() })),
      })
      .exactOptional(),
  })
  .meta({ id: 'AnalysisDocument' });
