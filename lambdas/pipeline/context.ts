import type { Alerts } from '../ports/alerts.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeliveryQueue } from '../ports/delivery-queue.ts';
import type { HistoryExporter } from '../ports/history-exporter.ts';
import type { InFlight } from '../ports/in-flight.ts';
import type { JobStore } from '../ports/job-store.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { RateBucket } from '../ports/rate-bucket.ts';
import type { ResultLoader } from '../ports/result-loader.ts';
import type { WebhookStore } from '../ports/webhook-store.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import type { PipelineSettings } from './settings.ts';

/** Everything that the verbs of the pipeline work with, made once per process. */
export interface PipelineContext {
  readonly jobs: JobStore;
  readonly objects: ObjectStore;
  readonly queue: WorkQueue;
  readonly rates: RateBucket;
  readonly inFlight: InFlight;
  readonly results: ResultLoader;
  readonly histories: HistoryExporter;
  /** Who is to be told how jobs end, and the way there. */
  readonly webhooks: Pick<WebhookStore, 'list' | 'addDelivery'>;
  readonly deliveries: DeliveryQueue;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly alerts: Alerts;
  readonly settings: PipelineSettings;
}

/**
 * What became of a message that was handled: `done` (now or before), `stale` (the job is over, stopped, or in another
 * run, and nothing was changed), `waiting` (it comes again by itself), `ignored` (not for the pipeline).
 */
export type WorkOutcome = 'done' | 'stale' | 'waiting' | 'ignored';
