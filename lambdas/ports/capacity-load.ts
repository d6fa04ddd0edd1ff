import type { CacheObservation } from '../domain/capacity/cache.ts';
import type { DatabaseLoad, QueueLoad } from '../domain/capacity/measures.ts';

/** What is paid for by being asked for. */
export interface Asked {
  /** Names of the queues whose tasks are asked about. */
  readonly queues: readonly string[];
  readonly isDatabaseAsked: boolean;
}

export interface WorkersLoad {
  /**
   * What was last measured of the tasks of some queues, by the name of the queue, and of the database. Of what was not asked
   * nothing is known.
   *
   * @param at milliseconds since the epoch, by the clock of the metrics
   */
  read(
    at: number,
    asked: Asked,
  ): Promise<{
    readonly tasks: Readonly<Record<string, Pick<QueueLoad, 'oldestSeconds' | 'meanSeconds'>>>;
    readonly database: DatabaseLoad;
  }>;
}

export interface CacheLoad {
  /** @param at milliseconds since the epoch, by the clock of the metrics */
  read(at: number): Promise<CacheObservation['used']>;
}
