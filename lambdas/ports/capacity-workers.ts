import type { WorkerCaps } from '../domain/capacity/worker-caps.ts';

export interface CapacityWorkers {
  read(): Promise<{
    readonly caps: WorkerCaps;
    /** Whether one of them is being changed just now. */
    readonly isUpdating: boolean;
  }>;
  /**
   * Sets all caps, or none.
   *
   * @throws Error when one could not be set and the others are as before; AggregateError when they could not be put back
   */
  set(caps: WorkerCaps): Promise<void>;
}
