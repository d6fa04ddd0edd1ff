import type { Clock } from '../ports/clock.ts';
import type { DatasetStore } from '../ports/dataset-store.ts';
import type { DownloadLinks } from '../ports/download-links.ts';
import type { JobStore } from '../ports/job-store.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { PortfolioStore } from '../ports/portfolio-store.ts';
import type { ResultReader } from '../ports/result-store.ts';

/** What the verbs about portfolios work with. */
export interface PortfolioServices {
  readonly portfolios: PortfolioStore;
  readonly datasets: DatasetStore;
  readonly jobs: Pick<JobStore, 'list'>;
  readonly results: Pick<ResultReader, 'newestResults' | 'overview' | 'listActions'>;
  readonly objects: Pick<ObjectStore, 'head' | 'read' | 'putIfAbsent'>;
  readonly links: DownloadLinks;
  readonly clock: Clock;
}
