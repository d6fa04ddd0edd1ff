import { z } from 'zod';
import { arn } from '../account.ts';
import { AwsError } from '../auth/errors.ts';
import { element, type Xml } from '../s3/xml.ts';
import type { Timeline } from '../timeline.ts';

/** Bounds of what a cache may use; undefined is as AWS has it. */
interface Range {
  readonly maximum: number | undefined;
  readonly minimum: number | undefined;
}

/** Gigabytes of data, and ElastiCache processing units a second. */
export interface UsageLimits {
  readonly data: Range;
  readonly units: Range;
}

export interface ServerlessCacheOptions {
  readonly name: string;
  readonly engine: string;
  readonly endpoint: { readonly address: string; readonly port: number };
  readonly limits: UsageLimits;
  readonly timeline: Timeline;
}

// AWS names no time; a maximum counts at once or nearly so.
const MODIFYING_MS = 10_000;
const BOUNDS = { data: { least: 1, most: 5000 }, units: { least: 1000, most: 15_000_000 } } as const;
const NAMES = { data: 'CacheUsageLimits.DataStorage', units: 'CacheUsageLimits.ECPUPerSecond' } as const;
const NO_LIMIT: Range = { maximum: undefined, minimum: undefined };

const rangeSchema = z
  .looseObject({ Maximum: z.coerce.number().optional(), Minimum: z.coerce.number().optional() })
  .transform(({ Maximum: maximum, Minimum: minimum }): Range => ({ maximum, minimum }));

/** `CacheUsageLimits` of a template. */
export const usageLimitsSchema = z
  .looseObject({ DataStorage: rangeSchema.default(NO_LIMIT), ECPUPerSecond: rangeSchema.default(NO_LIMIT) })
  .default({ DataStorage: NO_LIMIT, ECPUPerSecond: NO_LIMIT })
  .transform(({ DataStorage: data, ECPUPerSecond: units }): UsageLimits => ({ data, units }));

export function serverlessCacheArn(name: string): string {
  return arn('elasticache', `serverlesscache:${name}`);
}

/** What ElastiCache's API says of a cache, and changes of it. */
export class ServerlessCache {
  readonly arn: string;
  readonly #options: ServerlessCacheOptions;
  readonly #createdAt: number;
  #limits: UsageLimits;
  #isModifying = false;
  #cancel: () => void = () => undefined;

  constructor(options: ServerlessCacheOptions) {
    this.arn = serverlessCacheArn(options.name);
    this.#options = options;
    this.#limits = options.limits;
    this.#createdAt = options.timeline.now();
  }

  stop(): void {
    this.#cancel();
  }

  /** Members of `ServerlessCache`. */
  describe(): Xml[] {
    const { name, engine, endpoint } = this.#options;
    return [
      element('ServerlessCacheName', name),
      element('ARN', this.arn),
      element('Engine', engine),
      element('Status', this.#isModifying ? 'modifying' : 'available'),
      element('CreateTime', new Date(this.#createdAt).toISOString()),
      element('CacheUsageLimits', [
        element('DataStorage', [...rangeElements(this.#limits.data), element('Unit', 'GB')]),
        element('ECPUPerSecond', rangeElements(this.#limits.units)),
      ]),
      element('Endpoint', [element('Address', endpoint.address), element('Port', endpoint.port)]),
    ];
  }

  /** @throws AwsError 400 when a limit is not valid, or a change is under way */
  modify(form: URLSearchParams): void {
    if (this.#isModifying) {
      const { name } = this.#options;
      throw new AwsError(
        400,
        'InvalidServerlessCacheStateFault',
        `Serverless cache ${name} is being modified.`,
      );
    }
    refuseOthers(form);
    this.#limits = {
      data: rangeIn(form, 'data', this.#limits.data),
      units: rangeIn(form, 'units', this.#limits.units),
    };
    this.#isModifying = true;
    this.#cancel = this.#options.timeline.after(MODIFYING_MS, () => {
      this.#isModifying = false;
    });
  }
}

function rangeElements({ maximum, minimum }: Range): Xml[] {
  return [
    ...(maximum === undefined ? [] : [element('Maximum', maximum)]),
    ...(minimum === undefined ? [] : [element('Minimum', minimum)]),
  ];
}

/** The range a request asks for; the one there is when it asks for none. */
function rangeIn(form: URLSearchParams, kind: keyof typeof BOUNDS, before: Range): Range {
  const [maximum, minimum] = ['Maximum', 'Minimum'].map((end) => numberIn(form, kind, end));
  if (maximum === undefined && minimum === undefined) return before;
  if (maximum !== undefined && minimum !== undefined && minimum > maximum)
    throw invalid(`${NAMES[kind]}: the minimum is more than the maximum.`);
  const unit = form.get('CacheUsageLimits.DataStorage.Unit');
  if (kind === 'data' && unit !== 'GB') throw invalid(`${NAMES.data}.Unit must be GB, not ${unit}.`);
  return { maximum, minimum };
}

function numberIn(form: URLSearchParams, kind: keyof typeof BOUNDS, end: string): number | undefined {
  const text = form.get(`${NAMES[kind]}.${end}`);
  if (text === null) return undefined;
  const { least, most } = BOUNDS[kind];
  if (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  throw invalid(`${NAMES[kind]}.${end} must be a whole number from ${least} to ${most}, not ${text}.`);
}

function refuseOthers(form: URLSearchParams): void {
  const known = /^(Action|Version|ServerlessCacheName|CacheUsageLimits\..+)$/;
  const others = [...form.keys()].filter((name) => !known.test(name));
  if (others.length > 0)
    throw new AwsError(501, 'NotImplemented', `${others.join(', ')} of a cache cannot be changed here.`);
}

function invalid(message: string): AwsError {
  return new AwsError(400, 'InvalidParameterValue', message);
}
