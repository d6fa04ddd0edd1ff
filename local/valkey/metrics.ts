import { connect } from 'node:tls';
import { z } from 'zod';
import type { MetricDatum } from '../cloudwatch/metrics.ts';
import { HOST, MONITOR } from './server.ts';

const TIMEOUT_MS = 2000;

const infoSchema = z.object({
  used_memory_dataset: z.coerce.number(),
  connected_clients: z.coerce.number(),
  evicted_keys: z.coerce.number(),
  keyspace_hits: z.coerce.number(),
  keyspace_misses: z.coerce.number(),
  total_commands_processed: z.coerce.number(),
  total_net_input_bytes: z.coerce.number(),
  total_net_output_bytes: z.coerce.number(),
});

type Info = z.infer<typeof infoSchema>;

/** What a cache does, as `AWS/ElastiCache`. Nothing is slowed down here, so no command is throttled. */
export class CacheMetrics {
  readonly #port: number;
  readonly #clusterId: string;
  #before: Info | undefined;

  constructor(port: number, clusterId: string) {
    this.#port = port;
    this.#clusterId = clusterId;
  }

  /** @throws Error when the server does not answer */
  async measure(): Promise<readonly MetricDatum[]> {
    const info = infoSchema.parse(fieldsOf(await ask(this.#port)));
    const before = this.#before ?? info;
    this.#before = info;
    const since = (field: keyof Info): number => Math.max(0, info[field] - before[field]);
    const bytes = since('total_net_input_bytes') + since('total_net_output_bytes');
    return Object.entries({
      BytesUsedForCache: info.used_memory_dataset,
      CacheHits: since('keyspace_hits'),
      CacheMisses: since('keyspace_misses'),
      CurrConnections: info.connected_clients,
      // A unit is a simple command, or a KB that goes over the wire.
      ElastiCacheProcessingUnits: Math.max(since('total_commands_processed'), Math.ceil(bytes / 1000)),
      Evictions: since('evicted_keys'),
      ThrottledCmds: 0,
    }).map(([name, value]) => ({
      namespace: 'AWS/ElastiCache',
      name,
      dimensions: { clusterId: this.#clusterId },
      value,
    }));
  }
}

/** What `INFO` says. */
async function ask(port: number): Promise<string> {
  const socket = connect({ host: HOST, port, rejectUnauthorized: false });
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('The cache does not answer.')));
  socket.write(`AUTH ${MONITOR} any\r\nINFO\r\nQUIT\r\n`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

function fieldsOf(info: string): Record<string, string> {
  return Object.fromEntries(
    [...info.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}
