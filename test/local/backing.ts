import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planDeployment } from '../../local/assembly/deployment.ts';
import type { Identity } from '../../local/assembly/derived-identity.ts';
import { templateSchema } from '../../local/assembly/template.ts';
import { Credentials } from '../../local/auth/credentials.ts';
import type { ScalableCapacity } from '../../local/autoscaling/capacity.ts';
import type { BackingOptions, BackingService } from '../../local/backing.ts';
import type { Service } from '../../local/front/server.ts';
import { Authoriser } from '../../local/iam/authoriser.ts';
import { Logs } from '../../local/logs.ts';
import { Timeline } from '../../local/timeline.ts';

type Opener = (options: BackingOptions) => Promise<BackingService | undefined>;

export interface OpenBacking {
  readonly credentials: Credentials;
  readonly certificate: Buffer;
  readonly notImitated: readonly string[];
  readonly lines: readonly string[];
  readonly services: ReadonlyMap<string, Service>;
  readonly scalable: readonly ScalableCapacity[];
  identity(type: string, properties?: Record<string, string>): Identity;
  /** Values that it measures now, by the name of the metric and, where there is one, the role. */
  measure(): Promise<Record<string, number[]>>;
  close(): Promise<void>;
}

/**
 * Opens what stands behind resources of a template.
 *
 * @param may what roles may do: actions and resources by role
 */
export async function openBacking(
  open: Opener,
  dataDirectory: string,
  resources: Record<string, { Type: string; Properties: Record<string, unknown> }>,
  may: Record<string, { Action: string; Resource: string }> = {},
): Promise<OpenBacking> {
  const lines: string[] = [];
  const logs = new Logs(join(dataDirectory, 'logs'), (source, line) => lines.push(`${source}: ${line}`));
  const credentials = new Credentials(dataDirectory);
  const template = templateSchema.parse({ Resources: resources });
  const stacks = [{ id: 'Storage', stackName: 'storage', template }];
  const service = (await open({ stacks, dataDirectory, credentials, logs }))!;
  const ofRoles = new Map(
    Object.entries(may).map(([role, { Action, Resource }]) => [
      role,
      [
        {
          name: 'grants',
          policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] },
        },
      ],
    ]),
  );
  const authoriser = new Authoriser({ ofRoles, ofResources: new Map(), unknown: [] });
  const services = new Map<string, Service>();
  const scalable: ScalableCapacity[] = [];
  const deployed = planDeployment(
    { stacks, assets: new Map() },
    { endpoint: '', identify: service.identify },
  );
  const notImitated = await service.deploy({
    ...{ resources: deployed.resources, authoriser, timeline: new Timeline(1000), services, scalable },
  });
  return {
    credentials,
    certificate: readFileSync(join(dataDirectory, 'tls', 'certificate.pem')),
    notImitated,
    services,
    scalable,
    lines,
    identity: (type, properties = {}) =>
      service.identify({
        type,
        stackName: 'storage',
        logicalId: 'Resource',
        property: (name: string) => properties[name],
      })!,
    async measure() {
      const values: Record<string, number[]> = {};
      for (const { name, dimensions, value } of await service.measure()) {
        const key = [name, dimensions['Role'] ?? ''].join(' ').trim();
        values[key] = [...(values[key] ?? []), ...[value].flat()];
      }
      return values;
    },
    async close() {
      await service.close();
      await logs.close();
    },
  };
}
