import type { Clock } from '../ports/clock.ts';
import type { DownloadLinks } from '../ports/download-links.ts';
import type { JobStore } from '../ports/job-store.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { ResultReader } from '../ports/result-store.ts';
import type { ReadThrough } from './cache/read-through.ts';
import type { ReadinessServices } from './readiness.ts';

/** What the verbs about results work with. */
export interface QueryServices extends ReadinessServices {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly results: ResultReader;
  readonly objects: Pick<ObjectStore, 'head' | 'read' | 'putIfAbsent'>;
  readonly links: DownloadLinks;
  /** Answers that were given before. */
  readonly answers: ReadThrough;
  readonly clock: Clock;
}
