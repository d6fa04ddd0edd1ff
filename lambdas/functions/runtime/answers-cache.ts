import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { createLayeredCache } from '../../adapters/cache/layered-cache.ts';
import { createMemoryCache } from '../../adapters/cache/memory-cache.ts';
import { createValkeyCache, type SharedCache } from '../../adapters/cache/valkey-cache.ts';
import { connectToken } from '../../adapters/cache/valkey-token.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import { createReadThrough, type ReadThrough } from '../../api/cache/read-through.ts';
import { cacheEnvironmentSchema } from '../../contracts/cache-environment.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { readEnvironment } from './services.ts';

export interface AnswersCache {
  readonly answers: ReadThrough;
  readonly shared: SharedCache;
}

/** Answers kept in this process and, beyond it, in Valkey. @throws Error naming missing variables */
export function createAnswersCache(
  metrics: Metrics,
  credentials: AwsCredentialIdentityProvider,
): AnswersCache {
  const environment = readEnvironment(cacheEnvironmentSchema);
  const settings = {
    host: environment.CACHE_HOST,
    port: environment.CACHE_PORT,
    tls: true,
    user: environment.CACHE_USER,
    password: () => connectToken(environment, credentials),
  };
  const shared = createValkeyCache(settings, systemClock, metrics);
  const cache = createLayeredCache(createMemoryCache(systemClock), shared);
  return {
    shared,
    answers: createReadThrough({ cache, clock: systemClock, metrics, random: Math.random }),
  };
}
