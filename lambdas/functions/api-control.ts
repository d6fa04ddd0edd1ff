import { apiHandler } from './runtime/api-handler.ts';
import { createControl } from './runtime/control.ts';

/** Answers requests about jobs, datasets and tokens, and describes the API. */
export const handler = apiHandler(createControl);
