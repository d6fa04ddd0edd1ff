import type { PipelineContext } from '../pipeline/context.ts';

/** What the verbs about jobs and datasets work with. */
export interface ControlServices extends Pick<PipelineContext, 'jobs' | 'objects' | 'queue' | 'clock'> {
  /** Lets time pass. */
  readonly pause: (milliseconds: number) => Promise<void>;
}
