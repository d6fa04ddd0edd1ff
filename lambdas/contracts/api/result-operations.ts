import { analyzeRequestSchema } from './analyze.ts';
import { documentSchema } from './document.ts';
import { downloadLinkSchema, downloadQuery } from './downloads.ts';
import { getItemQuery, itemAnswerSchema, itemPageSchema, listItemsQuery } from './items.ts';
import { jobAnswerSchema } from './jobs.ts';
import type { OperationContract } from './operation.ts';
import { readinessSchema } from './readiness.ts';

const LINK = { description: 'Where it lies, when it is long', schema: null };

/** What the operations about analyses and their results take and give. */
export const RESULT_OPERATIONS = {
  getReadiness: {
    answers: {
      200: { description: 'All that is needed answers', schema: readinessSchema },
    },
    problems: [],
  },
  analyze: {
    body: { schema: analyzeRequestSchema },
    waits: true,
    answers: {
      200: {
        description: 'The result, or the job when it was waited for and is over',
        schema: documentSchema.or(jobAnswerSchema),
      },
      202: { description: 'The job', schema: jobAnswerSchema },
    },
    problems: [
      'invalid_request',
      'dataset_too_large',
      'missing_columns',
      'too_many_rejected_rows',
      'overflow',
      'empty_dataset',
    ],
  },
  listItems: {
    query: listItemsQuery,
    answers: { 200: { description: 'A page of creatives', schema: itemPageSchema } },
    problems: ['invalid_request', 'invalid_cursor', 'not_found', 'not_ready', 'result_expired'],
  },
  getItem: {
    query: getItemQuery,
    answers: { 200: { description: 'The creative', schema: itemAnswerSchema } },
    problems: ['invalid_request', 'not_found', 'not_ready', 'result_expired'],
  },
  getResult: file('application/json'),
  getReport: file('text/csv'),
  getActionQueue: file('text/csv'),
} as const satisfies Readonly<Record<string, OperationContract>>;

/** A file, or with `delivery=link` a link to it. */
function file(contentType: string): OperationContract {
  const isJson = contentType === 'application/json';
  return {
    query: downloadQuery,
    answers: {
      200: isJson
        ? {
            description: 'The file; with delivery=link a link to it',
            schema: documentSchema.or(downloadLinkSchema),
          }
        : {
            description: 'The file; with delivery=link a link to it',
            schema: downloadLinkSchema,
            contentType,
          },
      303: LINK,
    },
    problems: ['invalid_request', 'not_found', 'not_ready', 'result_expired'],
  };
}
