import type { OperationId } from '../routes.ts';
import { apiDescriptionSchema, healthSchema } from './description.ts';
import { eventPageSchema, jobAnswerSchema, jobPageSchema, listEventsQuery, listJobsQuery } from './jobs.ts';
import type { OperationContract } from './operation.ts';
import { createdTokenSchema, createTokenSchema, listTokensQuery, tokenPageSchema } from './tokens.ts';

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
  listJobs: {
    query: listJobsQuery,
    answers: { 200: { description: 'A page of jobs', schema: jobPageSchema } },
    problems: ['invalid_request', 'invalid_cursor'],
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
