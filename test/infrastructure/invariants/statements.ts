import {
  type Assembly,
  asList,
  at,
  flatten,
  type Json,
  type LocatedResource,
  resources,
  target,
} from '../template.ts';

/** Where policy documents stand in the resources that carry them. */
const DOCUMENT_PATHS: Record<string, (string | number)[][]> = {
  'AWS::IAM::Policy': [['PolicyDocument']],
  'AWS::IAM::ManagedPolicy': [['PolicyDocument']],
  'AWS::IAM::Role': [['AssumeRolePolicyDocument']],
  'AWS::SQS::QueuePolicy': [['PolicyDocument']],
  'AWS::S3::BucketPolicy': [['PolicyDocument']],
  'AWS::SNS::TopicPolicy': [['PolicyDocument']],
  'AWS::KMS::Key': [['KeyPolicy']],
  'AWS::EC2::VPCEndpoint': [['PolicyDocument']],
};

function documents({ resource }: LocatedResource): Json[] {
  const inline = asList(at(resource.Properties, 'Policies')).map((policy) => at(policy, 'PolicyDocument'));
  return [
    ...(DOCUMENT_PATHS[resource.Type] ?? []).map((path) => at(resource.Properties, ...path)),
    ...inline,
  ].filter((document) => document !== undefined);
}

function statements(located: LocatedResource): Json[] {
  return documents(located).flatMap((document) => asList(at(document, 'Statement')));
}

/** Statements of the policies of one kind that name a resource of the same stack in `property`. */
export function statementsFor(located: LocatedResource, policyType: string, property: string): Json[] {
  return Object.entries(located.stack.template.Resources)
    .filter(
      ([, policy]) =>
        policy.Type === policyType &&
        asList(at(policy.Properties, property)).some((entry) => target(entry) === located.logicalId),
    )
    .flatMap(([, policy]) => asList(at(policy.Properties, 'PolicyDocument', 'Statement')));
}

function isEveryone(principal: Json | undefined): boolean {
  return principal === '*' || asList(at(principal, 'AWS')).includes('*');
}

/** Whether a statement denies everyone every action that matters over plain HTTP. */
export function refusesPlainHttp(statement: Json): boolean {
  const secure = at(statement, 'Condition', 'Bool', 'aws:SecureTransport');
  return (
    at(statement, 'Effect') === 'Deny' &&
    isEveryone(at(statement, 'Principal')) &&
    /^(s3|sqs):\*$|^sns:Publish$/.test(String(at(statement, 'Action'))) &&
    (secure === 'false' || secure === false)
  );
}

/** Every grant that says `*` somewhere, as `Stack/Resource: action on resource`; a denial may, it only narrows. */
function wildcardGrants(assembly: Assembly): string[] {
  return resources(assembly).flatMap((located) =>
    statements(located)
      .filter((statement) => at(statement, 'Effect') === 'Allow')
      .flatMap((statement) => wildcardsOf(located.where, statement)),
  );
}

function wildcardsOf(where: string, statement: Json): string[] {
  const found: string[] = [];
  if (isEveryone(at(statement, 'Principal')) || at(statement, 'NotPrincipal') !== undefined) {
    found.push(`${where}: for everyone`);
  }
  if (at(statement, 'NotAction') !== undefined || at(statement, 'NotResource') !== undefined) {
    found.push(`${where}: everything but something`);
  }
  for (const action of asList(at(statement, 'Action')).map(flatten)) {
    for (const resource of asList(at(statement, 'Resource')).map(flatten)) {
      if (action.includes('*') || resource.includes('*')) found.push(`${where}: ${action} on ${resource}`);
    }
  }
  return found;
}

/** Wildcard grants nobody gave a reason for, and reasons for grants that are gone. */
export function grantsAreNarrow(assembly: Assembly, reasons: Readonly<Record<string, string>>): string[] {
  const found = new Set(wildcardGrants(assembly).map((grant) => withStackIds(assembly, grant)));
  return [
    ...[...found]
      .filter((grant) => !(grant in reasons))
      .map((grant) => `${grant}: wildcard without a reason`),
    ...Object.keys(reasons)
      .filter((grant) => !found.has(grant))
      .map((grant) => `${grant}: a reason for nothing`),
  ];
}

/** Names what another stack gives by the stack's id, which is the same on every stage. */
function withStackIds({ stacks }: Assembly, grant: string): string {
  return stacks.reduce((text, { stackName, id }) => text.replaceAll(`\${${stackName}.`, `\${${id}.`), grant);
}
