import type { DeployedResource } from './assembly/deployment.ts';
import type { Identity, IdentitySubject } from './assembly/derived-identity.ts';
import type { AssemblyStack } from './assembly/read.ts';
import { openAurora } from './aurora/open.ts';
import type { Credentials } from './auth/credentials.ts';
import type { ScalableCapacity } from './autoscaling/capacity.ts';
import type { MetricDatum } from './cloudwatch/metrics.ts';
import type { Service } from './front/server.ts';
import type { Authoriser } from './iam/authoriser.ts';
import type { Logs } from './logs.ts';
import type { Timeline } from './timeline.ts';
import { openValkey } from './valkey/open.ts';

/** What a backing service is opened with, when only the templates are known. */
export interface BackingOptions {
  readonly stacks: readonly AssemblyStack[];
  readonly dataDirectory: string;
  readonly credentials: Credentials;
  readonly logs: Logs;
}

/** What a backing service may use once every resource has its identity and its policies are known. */
interface BackingDeployment {
  readonly resources: readonly DeployedResource[];
  readonly authoriser: Authoriser;
  readonly timeline: Timeline;
  /** APIs of services, by the names in signatures, to add one to. */
  readonly services: Map<string, Service>;
  /** What can be scaled, to add to. */
  readonly scalable: ScalableCapacity[];
}

/**
 * A server of its own behind resources of the templates, such as a database: open before functions are set up, since
 * its address is what their environment says of it.
 */
export interface BackingService {
  /** What `Ref` and `Fn::GetAtt` of a resource give that this service stands for; undefined for any other. */
  identify(subject: IdentitySubject): Identity | undefined;
  /** Makes it as the templates ask, before any function runs. @returns what of that is not imitated, one line each */
  deploy(deployment: BackingDeployment): Promise<readonly string[]>;
  /** What it does just now, as metrics. @throws Error when it does not say */
  measure(): Promise<readonly MetricDatum[]>;
  close(): Promise<void>;
}

/** @returns undefined when no template has a resource the service stands for */
type Opener = (options: BackingOptions) => Promise<BackingService | undefined>;

const OPENERS: readonly Opener[] = [openAurora, openValkey];

/** Opens every service the templates need; those already open are in `opened` when a later one fails. */
export async function openBackingServices(
  options: BackingOptions,
  opened: (() => Promise<void>)[],
): Promise<BackingService[]> {
  const services: BackingService[] = [];
  for (const open of OPENERS) {
    const service = await open(options);
    if (service === undefined) continue;
    services.push(service);
    opened.push(() => service.close());
  }
  return services;
}
