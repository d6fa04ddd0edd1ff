import * as z from 'zod';
import { JOB_STATES } from '../../domain/job/states.ts';
import { jobEventSchema, jobIdSchema, jobSchema } from '../job.ts';
import { PROBLEM_CODES } from '../problems.ts';
import { pageOf, pageQuery, time } from './common.ts';

const count = z.int().min(0);
const path = z.string();

/** Parts of a job in the order they are done. */
export const STAGE_NAMES = ['plan', 'scan', 'analyse', 'report'] as const;

const stageSchema = z.strictObject({
  name: z.enum(STAGE_NAMES),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'stopped']),
  done: count.nullable().describe('tasks that are done; null where it is one'),
  total: count.nullable().describe('tasks there are; null where it is one, or until that is known'),
  attemptsFailed: count.describe('attempts that failed in this run and were or will be made again'),
  seconds: z.number().min(0).nullable().describe('how long it took; null where it is not measured'),
});

const progressSchema = z.strictObject({
  percent: z.int().min(0).max(100).describe('never falls within a run'),
  etaSeconds: count.nullable().describe('until it should be over, at its own pace'),
  rowsRead: count,
  rowsRejected: count,
  retrying: count.describe('tasks that failed and wait for their next attempt'),
});

/** A job as lists show it. */
export const jobSummarySchema = z
  .strictObject({
    id: jobIdSchema,
    state: z.enum(JOB_STATES),
    source: jobSchema.shape.origin,
    dataset: z.strictObject({
      id: z.string(),
      name: z.string(),
      version: z
        .int()
        .min(1)
        .nullable()
        .describe('which upload of the dataset; null for files put there by hand, and over its history'),
      over: z.enum(['version', 'history']).describe('whether it is about one upload, or all of them'),
      bytes: count.nullable(),
    }),
    createdAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    resultExpiresAt: time.nullable(),
    waitingFor: jobSchema.shape.waitingFor,
    progress: progressSchema,
    error: z
      .strictObject({
        code: z.enum(PROBLEM_CODES),
        title: z.string(),
        detail: z.string(),
        remedy: z.string(),
        retryable: z.boolean(),
      })
      .nullable(),
    totals: jobSchema.shape.totals,
    links: z.strictObject({
      self: path,
      events: path,
      cancel: path.nullable().describe('null once it is over'),
      items: path.nullable().describe('null until it has succeeded, like the following'),
      result: path.nullable(),
      report: path.nullable(),
      actionQueue: path.nullable(),
    }),
  })
  .meta({ id: 'JobSummary' });

/** A job and how far it has come. */
export const jobAnswerSchema = z
  .strictObject({
    ...jobSummarySchema.shape,
    parameters: jobSchema.shape.parameters,
    progress: z.strictObject({ ...progressSchema.shape, stages: z.array(stageSchema) }),
  })
  .meta({ id: 'Job' });

const eventAnswerSchema = z.strictObject(jobEventSchema.shape).meta({ id: 'JobEvent' });

export const listJobsQuery = z.strictObject({
  ...pageQuery(),
  state: z.array(z.enum(JOB_STATES)).exactOptional().describe('any of these; may be repeated'),
  retrying: z.enum(['true', 'false']).exactOptional().describe('whether a task waits for its next attempt'),
  dataset: z.string().min(1).max(200).exactOptional().describe('id of the dataset'),
  portfolio: z
    .string()
    .min(1)
    .max(200)
    .exactOptional()
    .describe('id of a portfolio whose datasets are meant now; `unassigned` for those in none'),
  createdAfter: z.iso.datetime({ offset: true }).exactOptional(),
  q: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .exactOptional()
    .describe('part of the name of the dataset, in any case'),
});
export const listEventsQuery = z.strictObject(pageQuery());

export const jobPageSchema = pageOf(jobSummarySchema);
export const eventPageSchema = pageOf(eventAnswerSchema);

export type JobAnswer = z.infer<typeof jobAnswerSchema>;
export type JobSummary = z.infer<typeof jobSummarySchema>;
export type JobStage = z.infer<typeof stageSchema>;
