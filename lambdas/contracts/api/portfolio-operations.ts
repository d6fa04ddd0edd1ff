import { downloadLinkSchema } from './downloads.ts';
import type { OperationContract } from './operation.ts';
import {
  actionPageSchema,
  actionsCsvQuery,
  listActionsQuery,
  listPortfoliosQuery,
  MAX_ACTION_ROWS,
  namePortfolioSchema,
  overviewSchema,
  portfolioAnswerSchema,
  portfolioPageSchema,
} from './portfolios.ts';

/** What the operations about portfolios take and give. */
export const PORTFOLIO_OPERATIONS = {
  listPortfolios: {
    query: listPortfoliosQuery,
    answers: { 200: { description: 'A page of portfolios', schema: portfolioPageSchema } },
    problems: ['invalid_request', 'invalid_cursor'],
  },
  createPortfolio: {
    body: { schema: namePortfolioSchema },
    answers: { 201: { description: 'The portfolio', schema: portfolioAnswerSchema } },
    problems: ['invalid_request', 'name_taken'],
  },
  getPortfolio: {
    answers: { 200: { description: 'The portfolio', schema: portfolioAnswerSchema } },
    problems: ['not_found'],
  },
  updatePortfolio: {
    body: { schema: namePortfolioSchema },
    answers: { 200: { description: 'The portfolio as it now is', schema: portfolioAnswerSchema } },
    problems: ['invalid_request', 'not_found', 'name_taken'],
  },
  deletePortfolio: {
    answers: { 204: { description: 'It is gone; its datasets are in no portfolio', schema: null } },
    problems: ['not_found'],
  },
  getOverview: {
    answers: { 200: { description: 'The figures', schema: overviewSchema } },
    problems: ['not_found'],
  },
  listActions: {
    query: listActionsQuery,
    answers: { 200: { description: 'A page of actions', schema: actionPageSchema } },
    problems: ['invalid_request', 'invalid_cursor', 'not_found'],
  },
  getActionsCsv: {
    query: actionsCsvQuery,
    answers: {
      200: {
        description: `The worst ${MAX_ACTION_ROWS}, a row each; with delivery=link a link to them`,
        schema: downloadLinkSchema,
        contentType: 'text/csv',
      },
      303: { description: 'Where the file lies, when it is too long to be answered itself', schema: null },
    },
    problems: ['invalid_request', 'not_found'],
  },
} as const satisfies Readonly<Record<string, OperationContract>>;
