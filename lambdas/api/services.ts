import type { PipelineContext } from '../pipeline/context.ts';
import type { DatasetStore } from '../ports/dataset-store.ts';
import type { DeletionStore } from '../ports/deletion-store.ts';
import type { PortfolioStore } from '../ports/portfolio-store.ts';
import type { UploadStore } from '../ports/upload-store.ts';

/** What the verbs about jobs and datasets work with. */
export interface ControlServices extends Pick<PipelineContext, 'jobs' | 'objects' | 'queue' | 'clock'> {
  readonly datasets: DatasetStore;
  /** Which of them there are. */
  readonly portfolios: Pick<PortfolioStore, 'read'>;
  readonly deletions: Pick<DeletionStore, 'put'>;
  readonly uploads: UploadStore;
  /** Lets time pass. */
  readonly pause: (milliseconds: number) => Promise<void>;
}
