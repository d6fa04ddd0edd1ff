import * as z from 'zod';
import { portfolioIdSchema } from './dataset.ts';
import { tenantSchema } from './job.ts';

const time = z.iso.datetime({ precision: 3 });

/** Portfolios that a tenant may have: as many as fit into one record, whatever their names. */
export const MAX_PORTFOLIOS = 200;

export const portfolioNameSchema = z.string().trim().min(1).max(200);

const portfolioSchema = z.strictObject({
  id: portfolioIdSchema,
  name: portfolioNameSchema,
  createdAt: time,
  updatedAt: time,
});

/**
 * The portfolios of a tenant as they are stored: one record, replaced as a whole on the condition that `revision` has not
 * changed, so that no two can get the same name at the same time.
 */
export const portfolioListSchema = z.strictObject({
  tenant: tenantSchema,
  /** 0 as long as nothing was stored. */
  revision: z.int().min(0),
  /** In the order in which they were made. */
  portfolios: z.array(portfolioSchema).max(MAX_PORTFOLIOS),
});

export type Portfolio = Readonly<z.infer<typeof portfolioSchema>>;
export type PortfolioList = Readonly<z.infer<typeof portfolioListSchema>>;
