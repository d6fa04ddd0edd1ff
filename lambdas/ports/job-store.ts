import type { Job, JobEvent, JobRef, Watch } from '../contracts/job.ts';

/** A set of finished tasks of one run of a job. Each task is added once, whoever does it and however often. */
export interface CommitSet extends JobRef {
  readonly run: number;
  /** `scan-0`, `scan-1`, … for the rounds of the scan, `shards` for the analysis. */
  readonly name: string;
  /** Most members it can have, the same in every call; above some hundreds a store spreads it over several records. */
  readonly capacity: number;
}

/** What a task leaves behind besides its object. */
export type CommitValue = Readonly<Record<string, number | null>>;

export interface JobListQuery {
  readonly tenant: string;
  /** Id of the job that the page before ended with; null on the first. */
  readonly before: string | null;
  /** Jobs with smaller ids are left out. */
  readonly since: string;
  /** At most 1,000. */
  readonly limit: number;
}

export interface EventListQuery {
  /** The event that the page before ended with; null on the first. */
  readonly after: Pick<JobEvent, 'at' | 'id'> | null;
  readonly order: 'oldest' | 'newest';
  /** At most 1,000. */
  readonly limit: number;
}

/** Jobs, their timelines and what was finished of them. All reads see all writes that were answered before. */
export interface JobStore {
  /** Adds a job with its first events; an existing one of the same tenant and id stays as it is. */
  create(job: Job, events: readonly JobEvent[]): Promise<'created' | 'exists'>;

  get(ref: JobRef): Promise<Job | null>;

  /**
   * Replaces a job if its stored revision is still `job.revision - 1`, and then appends the events. A crash in between
   * may lose the events, never the job.
   */
  replace(job: Job, events: readonly JobEvent[]): Promise<'replaced' | 'conflict'>;

  /** Appends an event without touching the job. */
  append(ref: JobRef, event: JobEvent): Promise<void>;

  /**
   * Adds a member; one that is there keeps its value.
   *
   * @returns the size of the whole set after the addition. Below the set's capacity it is a lower bound, since other
   * additions may be on their way; of those that complete a set, at least one is answered with its full size
   */
  commit(set: CommitSet, member: number, value: CommitValue): Promise<{ readonly size: number }>;

  hasCommitted(set: CommitSet, member: number): Promise<boolean>;

  /** All members with their values, in any order. */
  commits(set: CommitSet): Promise<ReadonlyMap<number, CommitValue>>;

  /** A tenant's jobs, newest first by id: at most `limit` of them, starting behind `before`. */
  list(query: JobListQuery): Promise<readonly Job[]>;

  /** A job's timeline: at most `limit` events, in either direction, starting behind `after`. */
  events(ref: JobRef, query: EventListQuery): Promise<readonly JobEvent[]>;

  /** Jobs of which `watchOf` says so and that have not been written since, longest ago first. */
  listStale(watch: Watch, touchedBefore: string, limit: number): Promise<readonly Job[]>;
}
