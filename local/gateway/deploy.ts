import type { DeployedResource } from '../assembly/deployment.ts';
import type { JsonObject } from '../assembly/json.ts';
import type { AssemblyStack } from '../assembly/read.ts';
import type { MetricStore } from '../cloudwatch/metrics.ts';
import { requestMeter } from '../cloudwatch/sources/requests.ts';
import type { Authoriser } from '../iam/authoriser.ts';
import type { FunctionDirectory } from '../lambda/directory.ts';
import type { Logs } from '../logs.ts';
import type { Timeline } from '../timeline.ts';
import { ACCESS_LOG_SOURCE, accessLogFormat, accessLogLine } from './access-log.ts';
import { ofType, readApi } from './definition.ts';
import { Invoker } from './invoker.ts';
import { RestApi } from './rest-api.ts';
import { GatewayServer } from './server.ts';

/**
 * Takes the port of the templates' API; undefined when they have none.
 *
 * @throws Error saying so when the port is taken
 */
export async function openGateway(
  stacks: readonly AssemblyStack[],
  port: number,
): Promise<GatewayServer | undefined> {
  const wanted = stacks.some(({ template }) =>
    Object.values(template.Resources).some(({ Type }) => Type === 'AWS::ApiGateway::RestApi'),
  );
  return wanted ? GatewayServer.listen(port) : undefined;
}

export interface GatewayDeployment {
  readonly resources: readonly DeployedResource[];
  readonly functions: FunctionDirectory;
  readonly authoriser: Authoriser;
  readonly metrics: MetricStore;
  readonly timeline: Timeline;
  readonly logs: Logs;
}

/** Serves the first API of the templates. @returns what is not imitated, one line each */
export function deployGateway(
  server: GatewayServer,
  { resources, functions, authoriser, metrics, timeline, logs }: GatewayDeployment,
): string[] {
  const [first, ...others] = ofType(resources, 'RestApi');
  if (first === undefined) return [];
  const api = readApi(first, resources);
  const invoker = new Invoker(functions, authoriser);
  const log = logs.of('api');
  server.log = log;
  const name = String(first.properties['Name'] ?? first.identity.name);
  server.onAnswered = requestMeter(metrics, name, timeline);
  const stage = ofType(resources, 'Stage').find(({ properties }) => properties['RestApiId'] === api.id);
  const format = accessLogFormat(stage);
  const access = logs.of(ACCESS_LOG_SOURCE);
  const logAccess =
    format === undefined ? undefined : (context: JsonObject) => access(accessLogLine(format, context));
  server.api = new RestApi({ api, resources, invoker, log, logAccess });
  return [
    ...api.notImitated,
    ...others.map(
      ({ stackName, logicalId }) => `${stackName}/${logicalId}: a second API; only one is served`,
    ),
  ];
}
