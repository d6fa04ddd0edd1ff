import { stackId } from '../account.ts';
import type { Deployment } from '../assembly/deployment.ts';
import { type Json, scalarText } from '../assembly/json.ts';
import type { AssemblyStack } from '../assembly/read.ts';
import { AwsError } from '../auth/errors.ts';
import { element, type Xml } from '../s3/xml.ts';

/** CloudFormation lists so many resources at a time. */
const RESOURCES_A_PAGE = 100;

interface Resource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
}

/** A stack as it was deployed at the start. */
interface DeployedStack {
  readonly name: string;
  readonly isProtected: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, Json>>;
  readonly resources: readonly Resource[];
}

/** The stacks of a deployment, as CloudFormation describes them. */
export class Stacks {
  readonly #stacks: readonly DeployedStack[];
  readonly #deployedAt = new Date().toISOString();

  constructor(stacks: readonly AssemblyStack[], { resources, outputs }: Deployment) {
    this.#stacks = stacks.map(({ stackName, terminationProtection = false, tags = {} }) => ({
      name: stackName,
      isProtected: terminationProtection,
      tags,
      outputs: outputs[stackName] ?? {},
      resources: resources
        .filter((resource) => resource.stackName === stackName)
        .map(({ logicalId, type, identity }) => ({ logicalId, type, physicalId: identity.ref })),
    }));
  }

  /** @throws AwsError when there is no stack of that name or id */
  describe(nameOrId: string | undefined): Xml {
    const stacks = nameOrId === undefined ? this.#stacks : [this.#find(nameOrId)];
    return members(
      'Stacks',
      stacks.map((stack) => [
        element('StackName', stack.name),
        element('StackId', stackId(stack.name)),
        element('CreationTime', this.#deployedAt),
        element('StackStatus', 'CREATE_COMPLETE'),
        element('EnableTerminationProtection', String(stack.isProtected)),
        members('Outputs', pairs(stack.outputs, 'OutputKey', 'OutputValue')),
        members('Tags', pairs(stack.tags, 'Key', 'Value')),
      ]),
    );
  }

  /**
   * One page of resources, and where the next begins.
   *
   * @throws AwsError when there is no such stack, or no such page
   */
  list(nameOrId: string, token: string | undefined): readonly Xml[] {
    const { resources } = this.#find(nameOrId);
    const from = Number(token ?? 0);
    if (!Number.isInteger(from) || from < 0 || from > resources.length)
      throw validationError(`The token ${token} is none of this list`);
    const next = from + RESOURCES_A_PAGE;
    const page = resources
      .slice(from, next)
      .map((resource) => [...describedResource(resource), element('LastUpdatedTimestamp', this.#deployedAt)]);
    const summaries = members('StackResourceSummaries', page);
    return next < resources.length ? [summaries, element('NextToken', next)] : [summaries];
  }

  /** The first hundred resources, or one of them. @throws AwsError when there is no such stack or resource */
  describeResources(nameOrId: string, logicalId: string | undefined): Xml {
    const { name, resources } = this.#find(nameOrId);
    const found = resources.filter((resource) => (logicalId ?? resource.logicalId) === resource.logicalId);
    if (logicalId !== undefined && found.length === 0)
      throw validationError(`Resource ${logicalId} does not exist for stack ${name}`);
    return members(
      'StackResources',
      found
        .slice(0, RESOURCES_A_PAGE)
        .map((resource) => [
          element('StackName', name),
          element('StackId', stackId(name)),
          ...describedResource(resource),
          element('Timestamp', this.#deployedAt),
        ]),
    );
  }

  #find(nameOrId: string): DeployedStack {
    const stack = this.#stacks.find(({ name }) => nameOrId === name || nameOrId === stackId(name));
    if (stack !== undefined) return stack;
    throw validationError(`Stack with id ${nameOrId} does not exist`);
  }
}

export function validationError(message: string): AwsError {
  return new AwsError(400, 'ValidationError', message);
}

function describedResource({ logicalId, physicalId, type }: Resource): Xml[] {
  return [
    element('LogicalResourceId', logicalId),
    element('PhysicalResourceId', physicalId),
    element('ResourceType', type),
    element('ResourceStatus', 'CREATE_COMPLETE'),
  ];
}

function pairs(values: Readonly<Record<string, Json>>, key: string, value: string): Xml[][] {
  return Object.entries(values).map(([name, content]) => [
    element(key, name),
    element(value, scalarText(content, name)),
  ]);
}

function members(name: string, list: readonly (readonly Xml[])[]): Xml {
  return element(
    name,
    list.map((member) => element('member', member)),
  );
}
