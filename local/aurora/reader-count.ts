import type { ScalableCapacity } from '../autoscaling/capacity.ts';
import type { PostgresCluster } from './cluster.ts';

/** More would follow as well, but cost memory and show nothing that two do not. */
export const MAX_READERS = 2;

/** How many readers a cluster has: as many as two run, and those beyond are only counted. */
export class ReaderCount implements ScalableCapacity {
  readonly dimension = 'rds:cluster:ReadReplicaCount';
  readonly resourceId: string;
  /** Those of the template, since Aurora removes only readers that it added. */
  readonly least: number;
  readonly #cluster: PostgresCluster;
  readonly #log: (line: string) => void;
  #capacity: number;
  #changing: Promise<void> = Promise.resolve();

  constructor(
    cluster: PostgresCluster,
    { name, readers, log }: { name: string; readers: number; log: (line: string) => void },
  ) {
    this.#cluster = cluster;
    this.#log = log;
    this.resourceId = `cluster:${name}`;
    this.least = readers;
    this.#capacity = readers;
  }

  get capacity(): number {
    return this.#capacity;
  }

  async scaleTo(capacity: number): Promise<void> {
    this.#capacity = capacity;
    const change = this.#changing.then(() => this.#change());
    this.#changing = change.catch(() => undefined);
    await change;
  }

  /** Resolves when nothing is being changed. */
  async settled(): Promise<void> {
    await this.#changing;
  }

  async #change(): Promise<void> {
    const running = Math.min(this.#capacity, MAX_READERS);
    while (this.#cluster.readers.length < running) await this.#cluster.addReader();
    while (this.#cluster.readers.length > running) await this.#cluster.removeReader();
    if (this.#capacity > running)
      this.#log(`${this.#capacity} readers are asked for; ${running} run, which are enough here.`);
  }
}
