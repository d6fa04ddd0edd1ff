import {
  DescribeServerlessCachesCommand,
  type ElastiCacheClient,
  ModifyServerlessCacheCommand,
} from '@aws-sdk/client-elasticache';
import * as z from 'zod';
import type { CapacityCache } from '../ports/capacity-cache.ts';

const cacheSchema = z.object({
  Status: z.string(),
  CacheUsageLimits: z.object({
    DataStorage: z.object({ Maximum: z.int(), Unit: z.literal('GB') }),
    ECPUPerSecond: z.object({ Maximum: z.int() }),
  }),
});

/** The limits of a serverless cache. Only its maxima are set: a minimum would be billed whether it is used or not. */
export function createElastiCacheLimits(client: ElastiCacheClient, name: string): CapacityCache {
  return {
    async read() {
      const { ServerlessCaches = [] } = await client.send(
        new DescribeServerlessCachesCommand({ ServerlessCacheName: name }),
      );
      const { Status, CacheUsageLimits } = cacheSchema.parse(ServerlessCaches[0]);
      const { DataStorage, ECPUPerSecond } = CacheUsageLimits;
      const status = Status.toLowerCase();
      return {
        limits: { gigabytes: DataStorage.Maximum, unitsPerSecond: ECPUPerSecond.Maximum },
        status,
        isChanging: status !== 'available',
      };
    },

    async set({ gigabytes, unitsPerSecond }) {
      await client.send(
        new ModifyServerlessCacheCommand({
          ServerlessCacheName: name,
          CacheUsageLimits: {
            DataStorage: { Maximum: gigabytes, Unit: 'GB' },
            ECPUPerSecond: { Maximum: unitsPerSecond },
          },
        }),
      );
    },
  };
}
