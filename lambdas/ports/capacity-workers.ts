import type { WorkerCaps } from '../domain/capacity/worker-caps.ts';

export interface CapacityWorkers {
  read(): Promise<{
    readonly caps: WorkerCaps;
    /** Whether one of them is being changed just now. */
    readonly isUpdating: boolean;
  }>;
  /**
   * Sets all caps, or else all of them to others.
   *
   * @param otherwise caps for when one could not be set
   * @throws Error when they are as `otherwise` says; AggregateError when they may be some of these and some of those
   */
  set(caps: WorkerCaps, otherwise: WorkerCaps): Promise<void>;
}
