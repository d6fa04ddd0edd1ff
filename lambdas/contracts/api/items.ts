import * as z from 'zod';
import { ACTIONS } from '../../domain/report/action.ts';
import { EXCLUSION_REASONS, FATIGUE_STATUSES } from '../../domain/report/document.ts';
import { CHANGES } from '../../domain/report/lasting-change.ts';
import { ITEM_SORTS } from '../item-list.ts';
import { pageOf, pageQuery } from './common.ts';
import { itemResultSchema } from './document.ts';

const MOST_ITEMS = 500;

const day = z.iso.date();
const count = z.int().min(0);
const figure = z.number().nullable();
const flag = z.enum(['true', 'false']);
const atLeast = z.coerce.number().min(0).max(1e15);

export const ITEM_KEY_PATTERN = /^itm_[\w-]{22}$/;

const metricSummarySchema = z.strictObject({
  latest: figure.describe('mean over the latest segment; null where the metric was not analysed'),
  benchmark: figure.describe('null without a stable period'),
});

/** A creative in a list. */
export const itemSummarySchema = z
  .strictObject({
    key: z.string().regex(ITEM_KEY_PATTERN).describe('names it in paths'),
    id: z.string(),
    status: z.enum(FATIGUE_STATUSES),
    excluded: z.enum(EXCLUSION_REASONS).nullable().describe('why it was not analysed'),
    riskScore: figure,
    healthScore: figure,
    impressions: count,
    clicks: count,
    spend: figure,
    days: count.describe('days with data'),
    from: day.nullable(),
    to: day.nullable(),
    actualOverspend: figure,
    actualOverspendPct: figure,
    engagementGapClicks: figure,
    ctrTrend: z.enum(['Declining', 'Stable']),
    replacementRecommended: z.boolean(),
    action: z.enum(ACTIONS).nullable(),
    changed: z
      .strictObject({ day, metric: z.enum(['ctr', 'cpc']), direction: z.enum(CHANGES) })
      .nullable()
      .describe('the change that lasts; null when nothing changed and stayed so'),
    ctr: metricSummarySchema,
    cpc: metricSummarySchema.nullable().describe('null without a spend column'),
    rationale: z.string(),
    changePoints: z.array(
      z.strictObject({
        metric: z.enum(['ctr', 'cpc']),
        day,
        onsetDay: day,
        direction: z.enum(['worse', 'better', 'none']),
      }),
    ),
  })
  .meta({ id: 'ItemSummary' });

export const listItemsQuery = z.strictObject({
  ...pageQuery(MOST_ITEMS),
  status: z.array(z.enum(FATIGUE_STATUSES)).exactOptional().describe('any of these; may be repeated'),
  replace: flag.exactOptional().describe('whether it should be replaced'),
  excluded: flag.exactOptional().describe('whether it was left out of the analysis'),
  minSpend: atLeast.exactOptional(),
  minOverspend: atLeast.exactOptional(),
  changed: z.enum(CHANGES).exactOptional().describe('which way it changed and stayed'),
  from: day.exactOptional().describe('changed on this day or later'),
  q: z.string().trim().min(1).max(200).exactOptional().describe('part of the name, in any case'),
  sort: z
    .enum(ITEM_SORTS.flatMap((name) => [name, `-${name}`] as const))
    .default('-riskScore')
    .describe('with - for descending; null comes last, ties go by id'),
});

const columnSchema = z.array(figure);

/** Daily figures of a creative by columns; null where a day has no such figure. */
const seriesSchema = z.strictObject({
  days: z.array(day),
  impressions: z.array(count),
  clicks: z.array(count),
  spend: z.array(z.number()).nullable().describe('null without a spend column'),
  ctr: columnSchema,
  cpc: columnSchema.nullable(),
});

/** What can be had of a creative besides its verdict. */
const ITEM_INCLUDES = ['series', 'distances'] as const;

export const getItemQuery = z.strictObject({
  include: z
    .string()
    .transform((names) => names.split(','))
    .pipe(z.array(z.enum(ITEM_INCLUDES)).max(ITEM_INCLUDES.length))
    .default([])
    .describe('series, distances or both, with a comma between'),
});

/** A creative as the result document has it (analysis spec §10), with what was asked for besides. */
export const itemAnswerSchema = z
  .strictObject({
    ...itemResultSchema.shape,
    key: z.string().regex(ITEM_KEY_PATTERN),
    series: seriesSchema.exactOptional(),
  })
  .meta({ id: 'Item' });

export const itemPageSchema = pageOf(itemSummarySchema);
export type ListItems = z.infer<typeof listItemsQuery>;
export type ItemColumns = z.infer<typeof seriesSchema>;
