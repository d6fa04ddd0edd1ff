import type { Identity, IdentitySubject } from './derived-identity.ts';
import type { Json, JsonObject } from './json.ts';
import { dependencyOrder } from './order.ts';
import type { Assembly } from './read.ts';
import { StackScope } from './stack-scope.ts';

export interface DeployedResource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  readonly identity: Identity;
  /** Resolved on first use, so that a resource nobody imitates may use what nobody imitates. */
  readonly properties: JsonObject;
}

export interface Deployment {
  /** Every resource whose condition holds, each after what it refers to. */
  readonly resources: readonly DeployedResource[];
  /** Resolved outputs by stack name; `PublishOutput…` ones, which only carry references, are left out. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, Json>>>>;
}

export interface DeploymentOptions {
  /** Base URL of the AWS endpoint, part of queue URLs. */
  readonly endpoint: string;
  /** Base URL of the API, which URLs of API Gateway become; undefined when there is none. */
  readonly apiEndpoint?: string | undefined;
  /** Values of template parameters, by name, where a template's default does not serve. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Identities that servers running behind some resources give; undefined for any other resource. */
  readonly identify?: (subject: IdentitySubject) => Identity | undefined;
}

/**
 * Gives every resource of an assembly its identity and its resolved properties, in the order to create them.
 *
 * @throws Error naming stack and resource when a reference leads nowhere or in a circle
 */
export function planDeployment(assembly: Assembly, options: DeploymentOptions): Deployment {
  const scopes = new Map<string, StackScope>();
  for (const stack of assembly.stacks) scopes.set(stack.stackName, new StackScope(stack, scopes, options));
  const resources = dependencyOrder(assembly.stacks).flatMap(({ stackName, logicalId }) => {
    const deployed = scopes.get(stackName)?.deploy(logicalId);
    return deployed === undefined ? [] : [deployed];
  });
  const outputs: Record<string, Record<string, Json>> = {};
  for (const [stackName, scope] of scopes) outputs[stackName] = scope.namedOutputs();
  return { resources, outputs };
}
