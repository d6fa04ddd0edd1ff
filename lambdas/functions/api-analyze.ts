import { createAnalyze } from './runtime/analyze.ts';
import { apiHandler } from './runtime/api-handler.ts';

/** Analyses the observations of a request: at once when they are few, as a job otherwise. */
export const handler = apiHandler(createAnalyze);
