import type { JobRef } from '../contracts/job.ts';

/** How much of a tenant may be worked on at a time. */
export interface InFlightLimits {
  readonly jobs: number;
  readonly bytes: number;
  /** A job that was entered so long ago is not counted any more, should nobody have said that it is over. */
  readonly leaseSeconds: number;
}

/** The jobs of each tenant that are being worked on. */
export interface InFlight {
  /**
   * Counts a job if its tenant has room for it; one that is counted already stays so. A job larger than all the room
   * there is has room when it is alone.
   *
   * @returns whether it is counted
   */
  enter(job: JobRef, bytes: number, limits: InFlightLimits): Promise<boolean>;

  /** Counts a job no more, if it was counted. */
  leave(job: JobRef): Promise<void>;
}
