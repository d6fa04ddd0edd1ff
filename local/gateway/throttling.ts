import type { StageDefinition } from './definition.ts';
import { GatewayError } from './gateway-error.ts';
import { TokenBucket } from './token-bucket.ts';

export interface Limits {
  /** Requests a second; undefined is any number. */
  readonly rate: number | undefined;
  /** Requests at once; undefined is as many as the rate. */
  readonly burst: number | undefined;
}

/** Token buckets by name, made when they are first needed. */
export class Throttles {
  readonly #buckets = new Map<string, TokenBucket>();

  /** @throws GatewayError when one more request would exceed the limits of `name` */
  take(name: string, { rate, burst }: Limits): void {
    if (rate === undefined) return;
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      bucket = new TokenBucket(rate, burst ?? rate, () => performance.now());
      this.#buckets.set(name, bucket);
    }
    if (!bucket.tryTake()) throw new GatewayError('THROTTLED', `over the limits of ${name}`);
  }
}

/** The limits a stage sets a method: its own, or those of all methods together. */
export function stageLimits(
  stage: StageDefinition,
  path: string,
  httpMethod: string,
): Limits & { readonly name: string } {
  const own = stage.settings.find(
    ({ ResourcePath, HttpMethod }) => settingPath(ResourcePath) === path && HttpMethod === httpMethod,
  );
  const all = stage.settings.find(
    ({ ResourcePath, HttpMethod }) => ResourcePath === '/*' && HttpMethod === '*',
  );
  const setting = own?.ThrottlingRateLimit === undefined ? all : own;
  return {
    name:
      setting === own && own !== undefined ? `${stage.name} ${httpMethod} ${path}` : `stage ${stage.name}`,
    rate: setting?.ThrottlingRateLimit,
    burst: setting?.ThrottlingBurstLimit,
  };
}

/** `/~1api~1jobs` is `/api/jobs`. */
function settingPath(resourcePath: string): string {
  return resourcePath.replace(/^\/~1/, '/').replaceAll('~1', '/');
}
