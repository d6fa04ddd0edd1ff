import type * as z from 'zod';
import type { overviewSchema } from '../contracts/api/portfolios.ts';
import { FATIGUE_STATUSES } from '../domain/report/document.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import type { CurrencyOverview } from '../ports/result-store.ts';
import { findScope } from './portfolio-scope.ts';
import type { PortfolioServices } from './portfolio-services.ts';

type ByCurrency = z.input<typeof overviewSchema>['byCurrency'][number];

/** Figures over the newest result of each dataset of a portfolio, so that an upload of the same again counts once. */
export async function getOverview(services: PortfolioServices, request: ApiRequest): Promise<ApiResponse> {
  const { tenant, id, name, runs, omitted } = await findScope(services, request);
  const { byCurrency, missing } = await services.results.overview(tenant, runs);
  return {
    status: 200,
    body: {
      scope: { id, name },
      generatedAt: new Date(services.clock.now()).toISOString(),
      jobs: runs.length,
      missingReports: missing,
      omitted,
      byCurrency: byCurrency.map(currencyAnswer),
      statuses: statusesOf(byCurrency),
    },
  };
}

function currencyAnswer({ statuses: _, atRisk, ...sums }: CurrencyOverview): ByCurrency {
  return { ...sums, atRisk: { ...atRisk, share: shareOf(atRisk.spend, sums.spend) } };
}

function shareOf(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : part / whole;
}

/** Creatives can be counted together, whatever the currency. */
function statusesOf(byCurrency: readonly CurrencyOverview[]) {
  return Object.fromEntries(
    FATIGUE_STATUSES.map((status) => [
      status,
      byCurrency.reduce((sum, { statuses }) => sum + statuses[status], 0),
    ]),
  );
}
