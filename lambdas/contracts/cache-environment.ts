import * as z from 'zod';

/** Where the shared cache is. */
export const cacheEnvironmentSchema = z.object({
  CACHE_HOST: z.string().min(1),
  CACHE_PORT: z.coerce.number().int().min(1).max(65_535),
  /** Name of the serverless cache, which the access token is made out for. */
  CACHE_NAME: z.string().min(1),
  /** User of the cache that the function's role may be. */
  CACHE_USER: z.string().min(1),
  /** Region of the cache; Lambda sets it. */
  AWS_REGION: z.string().min(1),
});

export type CacheEnvironment = z.infer<typeof cacheEnvironmentSchema>;
