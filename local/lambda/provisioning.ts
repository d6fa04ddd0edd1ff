import { z } from 'zod';
import type { DeployedResource } from '../assembly/deployment.ts';
import type { MetricDatum } from '../cloudwatch/metrics.ts';
import type { Timeline } from '../timeline.ts';
import type { FunctionDirectory } from './directory.ts';
import { ProvisionedConcurrency } from './provisioned-concurrency.ts';

export interface ProvisioningOptions {
  readonly resources: readonly DeployedResource[];
  readonly functions: FunctionDirectory;
  readonly timeline: Timeline;
  readonly record: (datum: MetricDatum) => void;
}

const aliasSchema = z.looseObject({
  Name: z.string(),
  ProvisionedConcurrencyConfig: z
    .looseObject({ ProvisionedConcurrentExecutions: z.coerce.number().int().positive() })
    .optional(),
});

/**
 * Sets up what the templates provision for aliases, without starting any.
 *
 * @returns it by the id that Application Auto Scaling has for an alias, `function:name:alias`
 * @throws Error where AWS would refuse it: more than is reserved for the function
 */
export function provisionAliases(options: ProvisioningOptions): Map<string, ProvisionedConcurrency> {
  const { resources, functions, timeline, record } = options;
  const provisioned = new Map<string, ProvisionedConcurrency>();
  for (const { type, logicalId, identity, properties } of resources) {
    if (type !== 'AWS::Lambda::Alias') continue;
    const { Name: qualifier, ProvisionedConcurrencyConfig: config } = aliasSchema.parse(properties);
    const lambda = functions.find(identity.ref)?.lambda;
    if (config === undefined || lambda === undefined) continue;
    const { name: functionName, reservedConcurrency = Number.POSITIVE_INFINITY } = lambda.configuration;
    const units = config.ProvisionedConcurrentExecutions;
    if (units > reservedConcurrency) {
      throw new Error(
        `${logicalId}: ${units} of provisioned concurrency are more than is reserved for the function (${reservedConcurrency}).`,
      );
    }
    const keepReady = (environments: number) => lambda.keepReady(identity.ref, environments);
    const concurrency = new ProvisionedConcurrency({
      ...{ functionName, qualifier, units, timeline, record, keepReady },
    });
    lambda.provision(identity.ref, concurrency);
    provisioned.set(`function:${functionName}:${qualifier}`, concurrency);
  }
  return provisioned;
}
