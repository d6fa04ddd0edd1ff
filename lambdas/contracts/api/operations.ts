import type { OperationId } from '../routes.ts';
import { analyzeBatchSchema, batchAnswerSchema } from './batch.ts';
import {
  analyzeDatasetSchema,
  arrivedPartsSchema,
  createDatasetSchema,
  createdDatasetSchema,
  datasetAnswerSchema,
  datasetPageSchema,
  listDatasetsQuery,
  presignedPartsSchema,
  presignPartsSchema,
  previewDatasetQuery,
  previewSchema,
  updateDatasetSchema,
} from './datasets.ts';
import { apiDescriptionSchema, healthSchema } from './description.ts';
import { eventPageSchema, jobAnswerSchema, jobPageSchema, listEventsQuery, listJobsQuery } from './jobs.ts';
import type { OperationContract } from './operation.ts';
import { PORTFOLIO_OPERATIONS } from './portfolio-operations.ts';
import { RESULT_OPERATIONS } from './result-operations.ts';
import { createdTokenSchema, createTokenSchema, listTokensQuery, tokenPageSchema } from './tokens.ts';
import { WEBHOOK_OPERATIONS } from './webhook-operations.ts';

/** What operations take and give. The reference has those that are in here. */
export const OPERATIONS: Readonly<Partial<Record<OperationId, OperationContract>>> = {
  getHealth: { answers: { 200: { description: 'It answers', schema: healthSchema } }, problems: [] },
  getApi: { answers: { 200: { description: 'The API', schema: apiDescriptionSchema } }, problems: [] },
  getOpenApi: {
    answers: {
      200: { description: 'An OpenAPI 3.1 document', schema: null, contentType: 'application/json' },
    },
    problems: [],
  },
  getDocs: {
    answers: { 200: { description: 'A page', schema: null, contentType: 'text/html' } },
    problems: [],
  },
  getErrorPage: {
    answers: { 200: { description: 'A page', schema: null, contentType: 'text/html' } },
    problems: ['not_found'],
  },
  analyzeBatch: {
    body: { schema: analyzeBatchSchema },
    answers: { 202: { description: 'The jobs', schema: batchAnswerSchema } },
    problems: ['invalid_request', 'dataset_too_large'],
  },
  createDataset: {
    body: { schema: createDatasetSchema },
    answers: {
      201: { description: 'The dataset, its job, and how to send the file', schema: createdDatasetSchema },
    },
    problems: ['invalid_request'],
  },
  previewDataset: {
    query: previewDatasetQuery,
    body: {
      contentType: 'application/octet-stream',
      description: 'the first 64 KB of the file, as they are',
    },
    answers: { 200: { description: 'How it would be read', schema: previewSchema } },
    problems: ['invalid_request', 'dataset_too_large', 'unsupported_format', 'empty_dataset'],
  },
  listDatasets: {
    query: listDatasetsQuery,
    answers: { 200: { description: 'A page of datasets', schema: datasetPageSchema } },
    problems: ['invalid_request', 'invalid_cursor'],
  },
  getDataset: {
    answers: { 200: { description: 'The dataset', schema: datasetAnswerSchema } },
    problems: ['not_found'],
  },
  updateDataset: {
    body: { schema: updateDatasetSchema },
    answers: { 200: { description: 'The dataset as it now is', schema: datasetAnswerSchema } },
    problems: ['invalid_request', 'not_found'],
  },
  deleteDataset: {
    answers: { 202: { description: 'It is gone; its files and results go within minutes', schema: null } },
    problems: ['not_found'],
  },
  presignParts: {
    body: { schema: presignPartsSchema },
    answers: { 200: { description: 'Where to send each part', schema: presignedPartsSchema } },
    problems: ['invalid_request', 'not_found'],
  },
  listParts: {
    answers: { 200: { description: 'The parts that have arrived', schema: arrivedPartsSchema } },
    problems: ['invalid_request', 'not_found'],
  },
  completeUpload: {
    answers: { 202: { description: 'The job', schema: jobAnswerSchema } },
    problems: ['invalid_request', 'not_found'],
  },
  abortUpload: {
    answers: { 204: { description: 'It is given up', schema: null } },
    problems: ['not_found'],
  },
  analyzeDataset: {
    body: { schema: analyzeDatasetSchema },
    answers: { 202: { description: 'The job', schema: jobAnswerSchema } },
    problems: ['invalid_request', 'not_found', 'not_ready', 'result_expired'],
  },
  listJobs: {
    query: listJobsQuery,
    answers: { 200: { description: 'A page of jobs', schema: jobPageSchema } },
    problems: ['invalid_request', 'invalid_cursor', 'not_found'],
  },
  getJob: {
    waits: true,
    answers: { 200: { description: 'The job', schema: jobAnswerSchema } },
    problems: ['not_found'],
  },
  cancelJob: {
    answers: {
      200: { description: 'It was over before', schema: jobAnswerSchema },
      202: { description: 'It is stopping', schema: jobAnswerSchema },
    },
    problems: ['not_found'],
  },
  listEvents: {
    query: listEventsQuery,
    answers: { 200: { description: 'A page of events', schema: eventPageSchema } },
    problems: ['invalid_request', 'invalid_cursor', 'not_found'],
  },
  ...PORTFOLIO_OPERATIONS,
  ...RESULT_OPERATIONS,
  ...WEBHOOK_OPERATIONS,
  listTokens: {
    query: listTokensQuery,
    answers: { 200: { description: 'A page of tokens', schema: tokenPageSchema } },
    problems: ['invalid_request', 'invalid_cursor'],
  },
  createToken: {
    body: { schema: createTokenSchema },
    answers: { 201: { description: 'The token with its secret', schema: createdTokenSchema } },
    problems: ['invalid_request'],
  },
  revokeToken: {
    answers: { 204: { description: 'It is revoked', schema: null } },
    problems: ['not_found'],
  },
};
