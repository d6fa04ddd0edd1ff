import type { PortfolioList } from '../contracts/portfolio.ts';

/** Portfolios. All reads see all writes that were answered before. */
export interface PortfolioStore {
  /** All portfolios of a tenant; of revision 0 when it never had any. */
  read(tenant: string): Promise<PortfolioList>;

  /** Replaces the portfolios of a tenant if their stored revision is still `list.revision - 1`. */
  replace(list: PortfolioList): Promise<'replaced' | 'conflict'>;
}
