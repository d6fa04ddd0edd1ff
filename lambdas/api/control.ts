import type { OperationOf } from '../contracts/routes.ts';
import type { Answer, ApiRequest, ApiResponse } from '../http/exchange.ts';
import { analyzeBatch } from './analyze-batch.ts';
import { analyzeDataset } from './analyze-dataset.ts';
import { createDataset } from './create-dataset.ts';
import { deleteDataset, getDataset, listDatasets, updateDataset } from './datasets.ts';
import { getApi, getDocs, getErrorPage, getOpenApi } from './description.ts';
import { getHealth } from './health.ts';
import { cancelJob, getJob, listEvents } from './jobs.ts';
import { listJobs } from './list-jobs.ts';
import { previewDataset } from './preview-dataset.ts';
import type { ControlServices } from './services.ts';
import { createToken, listTokens, revokeToken, type TokenServices } from './tokens.ts';
import { abortUpload, completeUpload, listParts, presignParts } from './uploads.ts';
import { listDeliveries, redeliver, testWebhook } from './webhook-deliveries.ts';
import {
  createWebhook,
  deleteWebhook,
  listWebhooks,
  rotateSecret,
  updateWebhook,
  type WebhookServices,
} from './webhooks.ts';

type Services = ControlServices & TokenServices & WebhookServices;
type Verb = (services: Services, request: ApiRequest) => Promise<ApiResponse>;

const VERBS: Readonly<Record<OperationOf<'control'>, Verb>> = {
  getHealth,
  getApi: (_, request) => getApi(request),
  getOpenApi: (_, request) => getOpenApi(request),
  getDocs: (_, request) => getDocs(request),
  getErrorPage: (_, request) => getErrorPage(request),
  analyzeBatch,
  createDataset,
  previewDataset: (_, request) => previewDataset(request),
  listDatasets,
  getDataset,
  updateDataset,
  deleteDataset,
  presignParts,
  listParts,
  completeUpload,
  abortUpload,
  analyzeDataset,
  listJobs,
  getJob,
  cancelJob,
  listEvents,
  listTokens,
  createToken,
  revokeToken,
  listWebhooks,
  createWebhook,
  updateWebhook,
  deleteWebhook,
  testWebhook,
  rotateSecret,
  listDeliveries,
  redeliver,
};

/** What answers the operations about jobs, datasets, tokens, webhooks and the API itself. */
export function controlAnswers(services: Services): ReadonlyMap<string, Answer> {
  return new Map(
    Object.entries(VERBS).map(([operationId, verb]) => [operationId, (request) => verb(services, request)]),
  );
}
