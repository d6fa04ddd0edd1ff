import { z } from 'zod';
import { arn } from '../account.ts';
import type { Identity, IdentitySubject } from '../assembly/derived-identity.ts';
import { scalarText } from '../assembly/json.ts';
import type { AssemblyStack } from '../assembly/read.ts';
import type { BackingOptions, BackingService } from '../backing.ts';
import { loopbackCertificate } from '../tls/certificate.ts';
import { cacheFront } from './cache-front.ts';
import { CacheMetrics } from './metrics.ts';
import { findServer, freePort, HOST, ValkeyServer } from './server.ts';
import {
  ServerlessCache,
  serverlessCacheArn,
  type UsageLimits,
  usageLimitsSchema,
} from './serverless-cache.ts';

/** A laptop has other uses for its memory than a stage. It is less than the least that ElastiCache can be limited to. */
const MAX_BYTES = 256 << 20;

const cacheSchema = z.looseObject({
  CacheUsageLimits: usageLimitsSchema,
  Engine: z.string().default('valkey'),
});

interface Asked {
  readonly engine: string;
  readonly limits: UsageLimits;
  readonly maxBytes: number;
  readonly user: string;
  readonly access: string;
}

const ABSENT =
  'AWS::ElastiCache::ServerlessCache: there is no valkey-server or redis-server with TLS on the path, so that nobody answers';

/** Starts a Valkey or Redis server for the cache of the templates, when there is one on the path. */
export async function openValkey({
  stacks,
  dataDirectory,
  logs,
}: BackingOptions): Promise<BackingService | undefined> {
  const asked = askedOf(stacks);
  if (asked === undefined) return undefined;
  const port = await freePort();
  const program = findServer();
  const certificate = loopbackCertificate(dataDirectory);
  const log = logs.of('cache');
  // It is only a cache: without it everything works, and is slower.
  const starting =
    program === undefined
      ? Promise.resolve(undefined)
      : ValkeyServer.start({ ...asked, program, port, certificate, log }).catch((error: unknown) => {
          log(error instanceof Error ? error.message : String(error));
          return undefined;
        });
  let metrics: CacheMetrics | undefined;
  let cache: ServerlessCache | undefined;
  return {
    identify: (subject) => identityOf(subject, port),
    async deploy({ resources, authoriser, timeline, services }) {
      const isRunning = (await starting) !== undefined;
      const resource = resources.find(({ type }) => type === 'AWS::ElastiCache::ServerlessCache');
      if (resource !== undefined) {
        const { name } = resource.identity;
        const endpoint = { address: HOST, port };
        cache = new ServerlessCache({ ...asked, name, endpoint, timeline });
        services.set('elasticache', cacheFront(cache, authoriser));
        if (isRunning) metrics = new CacheMetrics(port, name);
      }
      return isRunning ? [] : [ABSENT];
    },
    measure: async () => metrics?.measure() ?? [],
    async close() {
      cache?.stop();
      await (await starting)?.stop();
    },
  };
}

function identityOf({ type, logicalId, property }: IdentitySubject, port: number): Identity | undefined {
  const nameOf = (given: string) => scalarText(property(given), `${logicalId}.${given}`);
  if (type === 'AWS::ElastiCache::ServerlessCache') {
    const name = nameOf('ServerlessCacheName');
    const attributes = {
      ARN: serverlessCacheArn(name),
      'Endpoint.Address': HOST,
      'Endpoint.Port': String(port),
    };
    return { name, ref: name, attributes };
  }
  if (type !== 'AWS::ElastiCache::User') return undefined;
  const id = nameOf('UserId');
  return { name: id, ref: id, attributes: { Arn: arn('elasticache', `user:${id}`) } };
}

/** @throws Error when there are several caches or users, of which only one is imitated */
function askedOf(stacks: readonly AssemblyStack[]): Asked | undefined {
  const resources = stacks.flatMap(({ template }) => Object.values(template.Resources));
  const [cache, ...others] = resources.filter(({ Type }) => Type === 'AWS::ElastiCache::ServerlessCache');
  const [user, ...strangers] = resources.filter(({ Type }) => Type === 'AWS::ElastiCache::User');
  if (cache === undefined || user === undefined) return undefined;
  if (others.length > 0 || strangers.length > 0) throw new Error('Only one cache with one user is imitated.');
  const { CacheUsageLimits: limits, Engine: engine } = cacheSchema.parse(cache.Properties);
  return {
    engine,
    limits,
    maxBytes: MAX_BYTES,
    user: scalarText(user.Properties['UserName'], 'UserName'),
    access: scalarText(user.Properties['AccessString'], 'AccessString'),
  };
}
