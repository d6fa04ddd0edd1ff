import { apiHandler } from './runtime/api-handler.ts';
import { createQuery } from './runtime/query.ts';

/** Answers requests about results: creatives, files, portfolios, and whether everything is ready. */
export const handler = apiHandler(createQuery);
