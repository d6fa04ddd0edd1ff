import type { DeployedResource } from '../../local/assembly/deployment.ts';
import type { JsonObject } from '../../local/assembly/json.ts';

/** A resource of API Gateway in the stack `s`. */
export function resource(type: string, ref: string, properties: JsonObject): DeployedResource {
  const identity = { name: ref, ref, attributes: { RootResourceId: 'root' } };
  return { stackName: 's', logicalId: ref, type: `AWS::ApiGateway::${type}`, identity, properties };
}
