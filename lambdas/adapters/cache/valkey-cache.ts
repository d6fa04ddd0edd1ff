import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
  TimeoutStrategy,
  timeout,
} from 'cockatiel';
import { Redis as Valkey } from 'iovalkey';
import { METRICS } from '../../contracts/metric-names.ts';
import type { Cache, CacheEntry } from '../../ports/cache.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Metrics } from '../../ports/metrics.ts';

export interface ValkeySettings {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly user: string;
  /** Makes a password, at every connection anew. */
  password(): Promise<string>;
  /** Milliseconds that a server which failed is left alone; 5,000 by default. */
  readonly restMs?: number;
}

export interface SharedCache extends Cache {
  /** Whether calls go through; false while the breaker is open. */
  readonly available: boolean;
  /** A round trip; throws what is wrong. */
  ping(): Promise<void>;
  close(): void;
}

/** A result is wanted within 200 ms; a cache that takes longer than this to answer is none. */
const PATIENCE_MS = 100;
/** TCP, TLS and authentication, once an execution environment; it goes on while callers no longer wait for it. */
const CONNECT_TIMEOUT_MS = 2000;
const FAILURES_UNTIL_OPEN = 5;
const REST_MS = 5000;
/** Larger values would hold up the small ones behind them on the one connection. */
const MAX_VALUE_BYTES = 1 << 20;
/** The moment of expiry, in front of the value: milliseconds as a 64-bit float, little endian. */
const HEADER_BYTES = 8;

/**
 * The cache that all processes share, in Valkey. Slow, refusing or gone it has nothing; after five failures in a row
 * it is left alone for five seconds.
 */
export function createValkeyCache(settings: ValkeySettings, clock: Clock, metrics: Metrics): SharedCache {
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: settings.restMs ?? REST_MS,
    breaker: new ConsecutiveBreaker(FAILURES_UNTIL_OPEN),
  });
  breaker.onBreak(() => metrics.count(METRICS.cacheBreaks));
  const patience = timeout(PATIENCE_MS, TimeoutStrategy.Aggressive);
  const connection = createConnection(settings);

  async function attempt<T>(work: (client: Valkey) => Promise<T>): Promise<T | null> {
    const isOpen = breaker.state === CircuitState.Open;
    const started = performance.now();
    try {
      // Commands have a time-out of the client's; a second one around them would cost more than they do.
      return await breaker.execute(async () =>
        work(connection.ready ?? (await patience.execute(connection.open))),
      );
    } catch {
      // The answer without a cache is the same; that it was without one is counted, and the breaker remembers.
      metrics.count(METRICS.cacheFailures);
      return null;
    } finally {
      if (!isOpen) metrics.seconds(METRICS.cacheSeconds, (performance.now() - started) / 1000);
    }
  }

  return {
    get available() {
      return breaker.state === CircuitState.Closed;
    },
    async get(key) {
      const stored = await attempt((client) => client.getBuffer(key));
      return stored === null ? null : entryOf(stored, clock.now());
    },
    async set(key, entry) {
      const milliseconds = Math.floor(entry.expiresAt - clock.now());
      if (milliseconds < 1 || entry.value.byteLength > MAX_VALUE_BYTES) return;
      await attempt((client) => client.set(key, recordOf(entry), 'PX', milliseconds));
    },
    async delete(key) {
      await attempt((client) => client.del(key));
    },
    async ping() {
      await (await connection.open()).ping();
    },
    close: connection.close,
  };
}

function recordOf({ value, expiresAt }: CacheEntry): Buffer {
  const record = Buffer.allocUnsafe(HEADER_BYTES + value.byteLength);
  record.writeDoubleLE(expiresAt);
  record.set(value, HEADER_BYTES);
  return record;
}

/** @returns null for what is no entry, such as one of another version, and for what has expired */
function entryOf(record: Buffer, now: number): CacheEntry | null {
  if (record.byteLength < HEADER_BYTES) return null;
  const expiresAt = record.readDoubleLE();
  return expiresAt > now ? { value: record.subarray(HEADER_BYTES), expiresAt } : null;
}

/** One connection, opened when it is first needed and again after it was lost, with a password of its own each time. */
function createConnection(settings: ValkeySettings) {
  let current: Promise<Valkey> | null = null;
  let ready: Valkey | null = null;

  async function connect(): Promise<Valkey> {
    const client = new Valkey({
      host: settings.host,
      port: settings.port,
      ...(settings.tls && { tls: {} }),
      username: settings.user,
      password: await settings.password(),
      lazyConnect: true,
      enableOfflineQueue: false,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: PATIENCE_MS,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    // An error also fails the calls that it concerns; here it would end the process.
    client.on('error', () => undefined);
    client.once('end', forget);
    await client.connect();
    ready = client;
    return client;
  }

  function forget(): void {
    current = null;
    ready = null;
  }

  return {
    /** The connection, when it stands. */
    get ready(): Valkey | null {
      return ready;
    },
    open(): Promise<Valkey> {
      if (current !== null) return current;
      const opening = connect();
      current = opening;
      opening.catch(forget);
      return opening;
    },
    close(): void {
      current?.then(
        (client) => client.disconnect(),
        () => undefined,
      );
      forget();
    },
  };
}
