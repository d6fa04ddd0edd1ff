import type { JobRef } from '../contracts/job.ts';
import type { AnalysisErrorCode } from '../domain/errors.ts';

export interface JobFailure extends JobRef {
  readonly run: number;
  readonly datasetName: string;
  readonly code: AnalysisErrorCode;
  readonly message: string;
  readonly remedy: string | null;
  readonly at: string;
}

export interface Alerts {
  /** Tells people that a job failed. May be told twice, never not at all. */
  jobFailed(failure: JobFailure): Promise<void>;
}
