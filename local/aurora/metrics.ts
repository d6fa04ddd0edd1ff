import { availableParallelism } from 'node:os';
import type { MetricDatum } from '../cloudwatch/metrics.ts';
import { replicaLag } from './admission.ts';
import type { PostgresCluster } from './cluster.ts';
import { type ServerLoad, serverLoad } from './load.ts';
import type { PostgresServer } from './server.ts';

interface Sample extends ServerLoad {
  /** Milliseconds of real time. */
  readonly at: number;
}

/** What the servers of a cluster do, as `AWS/RDS` by role: each server is a sample of its role. */
export class ClusterMetrics {
  readonly #cluster: PostgresCluster;
  readonly #identifier: string;
  readonly #samples = new WeakMap<PostgresServer, Sample>();

  constructor(cluster: PostgresCluster, identifier: string) {
    this.#cluster = cluster;
    this.#identifier = identifier;
  }

  async measure(): Promise<readonly MetricDatum[]> {
    const { writer, readers } = this.#cluster;
    const data = [
      ...this.#ofServer(writer, 'WRITER'),
      ...readers.flatMap((reader) => this.#ofServer(reader, 'READER')),
    ];
    if (readers.length === 0) return data;
    return [...data, ...this.#datum('AuroraReplicaLag', 'READER', await replicaLag(writer.socketDirectory))];
  }

  #ofServer(server: PostgresServer, role: string): MetricDatum[] {
    const load = server.processId === undefined ? undefined : serverLoad(server.processId);
    if (load === undefined) return [];
    const before = this.#samples.get(server);
    const at = performance.now();
    this.#samples.set(server, { ...load, at });
    const connections = this.#datum('DatabaseConnections', role, load.connections);
    if (before === undefined) return connections;
    const seconds = ((at - before.at) / 1000) * availableParallelism();
    const percent = (100 * Math.max(0, load.cpuSeconds - before.cpuSeconds)) / seconds;
    return [...connections, ...this.#datum('CPUUtilization', role, Math.min(percent, 100))];
  }

  #datum(name: string, Role: string, value: number): MetricDatum[] {
    const DBClusterIdentifier = this.#identifier;
    return [{ DBClusterIdentifier, Role }, { DBClusterIdentifier }].map((dimensions) => ({
      namespace: 'AWS/RDS',
      name,
      dimensions,
      value,
    }));
  }
}
