import { arn } from '../account.ts';
import { AwsError } from '../auth/errors.ts';
import type { Service } from '../front/server.ts';
import type { Authoriser } from '../iam/authoriser.ts';
import { sendXml } from '../s3/request.ts';
import { element, type Xml } from '../s3/xml.ts';
import { type Stacks, validationError } from './stacks.ts';

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';

type Operation = (stacks: Stacks, form: URLSearchParams) => readonly Xml[];

const OPERATIONS: Readonly<Record<string, Operation>> = {
  DescribeStackResources: (stacks, form) => [
    stacks.describeResources(stackOf(form), form.get('LogicalResourceId') ?? undefined),
  ],
  DescribeStacks: (stacks, form) => [stacks.describe(form.get('StackName') ?? undefined)],
  ListStackResources: (stacks, form) => stacks.list(stackOf(form), form.get('NextToken') ?? undefined),
};

/** Names of the operations that are imitated. */
export const CLOUDFORMATION_OPERATIONS: readonly string[] = Object.keys(OPERATIONS);

/** CloudFormation's API behind the signature and the authoriser: what was deployed is told, and changed by a start only. */
export function cloudformationFront(stacks: Stacks, authoriser: Authoriser): Service {
  return async ({ id, body, authentication }, response) => {
    const form = new URLSearchParams(body.toString());
    const name = form.get('Action') ?? '';
    const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
    if (operation === undefined)
      throw new AwsError(501, 'NotImplemented', `${name} of CloudFormation is not imitated.`);
    await authoriser.authorise(authentication.principal, {
      action: `cloudformation:${name}`,
      resource: resourceOf(form.get('StackName')),
    });
    sendXml(response, 200, documentOf(name, operation(stacks, form), id));
  };
}

function stackOf(form: URLSearchParams): string {
  const name = form.get('StackName');
  if (name !== null) return name;
  throw validationError('StackName must be given');
}

function resourceOf(nameOrId: string | null): string {
  if (nameOrId === null) return arn('cloudformation', 'stack/*/*');
  return nameOrId.startsWith('arn:') ? nameOrId : arn('cloudformation', `stack/${nameOrId}/*`);
}

function documentOf(operation: string, result: readonly Xml[], requestId: string): string {
  const { text } = element(`${operation}Result`, result);
  const metadata = element('ResponseMetadata', [element('RequestId', requestId)]);
  return `<${operation}Response xmlns="${NAMESPACE}">${text}${metadata.text}</${operation}Response>`;
}
