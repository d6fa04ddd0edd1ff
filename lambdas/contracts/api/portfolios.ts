import * as z from 'zod';
import { ACTIONS } from '../../domain/report/action.ts';
import type { FatigueStatus } from '../../domain/report/document.ts';
import { portfolioIdSchema } from '../dataset.ts';
import { jobIdSchema } from '../job.ts';
import { portfolioNameSchema } from '../portfolio.ts';
import { pageOf, pageQuery, time } from './common.ts';
import { downloadQuery } from './downloads.ts';
import { itemSummarySchema } from './items.ts';

/** What figures can be asked of besides a portfolio: every dataset, and those that are in none. */
export const GENERAL_SCOPES = ['all', 'unassigned'] as const;

/** Datasets that figures are made of, at most. */
export const MAX_SCOPE = 1000;
/** Rows of a file of actions, at most. */
export const MAX_ACTION_ROWS = 10_000;

const count = z.int().min(0);
const path = z.string();
const money = z.number().nullable().describe('in units of the currency; null without a spend column');

export const portfolioAnswerSchema = z
  .strictObject({
    id: portfolioIdSchema,
    name: portfolioNameSchema,
    createdAt: time,
    updatedAt: time,
    links: z.strictObject({ self: path, datasets: path, overview: path, actions: path, actionsCsv: path }),
  })
  .meta({ id: 'Portfolio' });

export const listPortfoliosQuery = z.strictObject(pageQuery());
export const portfolioPageSchema = pageOf(portfolioAnswerSchema);

/** Body of `POST /api/portfolios` and of `PATCH /api/portfolios/{portfolioId}`. */
export const namePortfolioSchema = z.strictObject({
  name: portfolioNameSchema.describe('no other portfolio may have it, whatever the case and the spaces'),
});

const currencyOverviewSchema = z.strictObject({
  currency: z.string(),
  creativesAnalysed: count,
  spend: money,
  actualOverspend: money,
  engagementGapClicks: z.number().nullable(),
  atRisk: z
    .strictObject({
      creatives: count,
      spend: money,
      share: z.number().nullable().describe('of the spend; null where nothing was spent'),
    })
    .describe('early fatigue, fatigued or terminal decline, and what those creatives spent in the period'),
  replaceNow: z.strictObject({ creatives: count, actualOverspend: money }),
});

const statusCountsSchema = z.strictObject({
  unknown: count,
  terminal_decline: count,
  fatigued: count,
  early_fatigue: count,
  healthy: count,
} satisfies Record<FatigueStatus, typeof count>);

/** Figures over the newest result of each dataset. */
export const overviewSchema = z
  .strictObject({
    scope: z.strictObject({
      id: z.union([z.enum(GENERAL_SCOPES), portfolioIdSchema]),
      name: portfolioNameSchema.nullable().describe('of the portfolio'),
    }),
    generatedAt: time,
    jobs: count.describe('newest that succeeded of each dataset; those without a report are among them'),
    missingReports: z.array(jobIdSchema).describe('jobs whose figures are not in here yet'),
    omitted: count.describe(`datasets that are not looked at: all but the ${MAX_SCOPE} newest`),
    byCurrency: z.array(currencyOverviewSchema).describe('currencies are never added to one another'),
    statuses: statusCountsSchema.describe('of the analysed creatives'),
  })
  .meta({ id: 'Overview' });

export const listActionsQuery = z.strictObject({
  ...pageQuery(),
  action: z.array(z.enum(ACTIONS)).exactOptional().describe('any of these; may be repeated'),
});

export const actionsCsvQuery = downloadQuery.extend({ action: listActionsQuery.shape.action });

const actionSchema = z
  .strictObject({
    ...itemSummarySchema.shape,
    action: z.enum(ACTIONS),
    jobId: jobIdSchema,
    dataset: z.strictObject({ id: z.string(), name: z.string() }),
    currency: z.string(),
  })
  .meta({ id: 'Action' });

export const actionPageSchema = pageOf(actionSchema);
