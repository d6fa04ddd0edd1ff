import { arn, functionArn } from '../account.ts';
import type { DeployedResource, Deployment } from '../assembly/deployment.ts';
import { bucketArn } from '../assembly/identity.ts';
import { isJsonObject, type Json, type JsonObject, scalarText } from '../assembly/json.ts';

interface NamedPolicy {
  readonly name: string;
  readonly policy: JsonObject;
}

/** The policies of a deployment: those of roles by role name, those of resources by ARN. */
export interface Policies {
  readonly ofRoles: ReadonlyMap<string, readonly NamedPolicy[]>;
  readonly ofResources: ReadonlyMap<string, JsonObject>;
  /** Policies the templates name that are not known here, one line each. */
  readonly unknown: readonly string[];
}

// What of AWS's own policies matters here: logs and traces go nowhere, and nobody asks for permission to write them.
const AWS_POLICIES_WITHOUT_EFFECT = [
  'service-role/AWSLambdaBasicExecutionRole',
  'service-role/AWSLambdaVPCAccessExecutionRole',
  'service-role/AmazonAPIGatewayPushToCloudWatchLogs',
  'AWSXRayDaemonWriteAccess',
  'CloudWatchLambdaInsightsExecutionRolePolicy',
];

/** Gathers every policy that the templates attach to a role or to a resource. */
export function collectPolicies({ resources }: Deployment): Policies {
  const ofRoles = new Map<string, NamedPolicy[]>();
  const ofResources = new Map<string, JsonObject>();
  const unknown: string[] = [];
  const grant = (role: Json, policy: NamedPolicy): void => {
    const name = scalarText(role, policy.name);
    ofRoles.set(name, [...(ofRoles.get(name) ?? []), policy]);
  };
  const attach = (resourceArn: string, statements: readonly Json[]): void => {
    const before = ofResources.get(resourceArn)?.['Statement'] ?? [];
    ofResources.set(resourceArn, { Version: '2012-10-17', Statement: [before, ...statements].flat() });
  };
  for (const resource of resources) {
    unknown.push(...collect(resource, grant, attach));
  }
  return { ofRoles, ofResources, unknown };
}

type Grant = (role: Json, policy: NamedPolicy) => void;
type Attach = (resourceArn: string, statements: readonly Json[]) => void;

/** @returns what is not known of the resource's policies */
function collect(resource: DeployedResource, grant: Grant, attach: Attach): string[] {
  const { type, logicalId, identity } = resource;
  switch (type) {
    case 'AWS::IAM::Role':
      return collectRole(resource, grant);
    case 'AWS::IAM::Policy':
    case 'AWS::IAM::ManagedPolicy': {
      const policy = { name: logicalId, policy: document(resource.properties['PolicyDocument'], logicalId) };
      for (const role of list(resource.properties['Roles'])) grant(role, policy);
      return [];
    }
    case 'AWS::S3::BucketPolicy':
      attach(bucketArn(scalarText(resource.properties['Bucket'], logicalId)), statements(resource));
      return [];
    case 'AWS::SQS::QueuePolicy':
      for (const url of list(resource.properties['Queues'])) {
        attach(arn('sqs', scalarText(url, logicalId).split('/').at(-1) ?? ''), statements(resource));
      }
      return [];
    case 'AWS::SNS::TopicPolicy':
      for (const topic of list(resource.properties['Topics']))
        attach(scalarText(topic, logicalId), statements(resource));
      return [];
    case 'AWS::KMS::Key':
      attach(identity.attributes?.['Arn'] ?? '', [
        document(resource.properties['KeyPolicy'], logicalId)['Statement'] ?? [],
      ]);
      return [];
    case 'AWS::Lambda::Permission':
      return collectPermission(resource, attach);
    default:
      return [];
  }
}

function collectRole({ identity, logicalId, properties }: DeployedResource, grant: Grant): string[] {
  grant(identity.name, { name: 'nothing', policy: { Version: '2012-10-17', Statement: [] } });
  for (const inline of list(properties['Policies'])) {
    if (!isJsonObject(inline)) continue;
    const name = scalarText(inline['PolicyName'], logicalId);
    grant(identity.name, { name, policy: document(inline['PolicyDocument'], logicalId) });
  }
  const managed = list(properties['ManagedPolicyArns']).map((policy) => scalarText(policy, logicalId));
  const unknown = managed
    .filter((policy) => !AWS_POLICIES_WITHOUT_EFFECT.some((name) => policy.endsWith(`:aws:policy/${name}`)))
    .map((policy) => `${logicalId}: the policy ${policy}`);
  return properties['PermissionsBoundary'] === undefined
    ? unknown
    : [...unknown, `${logicalId}: its permissions boundary`];
}

/** A Lambda permission is a statement of its function's policy. */
function collectPermission({ logicalId, properties }: DeployedResource, attach: Attach): string[] {
  const invoked = functionArn(scalarText(properties['FunctionName'], logicalId));
  const principal = scalarText(properties['Principal'], logicalId);
  const source = properties['SourceArn'];
  attach(invoked, [
    {
      Effect: 'Allow',
      Action: properties['Action'] ?? 'lambda:InvokeFunction',
      Resource: invoked,
      Principal: principal.endsWith('.amazonaws.com') ? { Service: principal } : { AWS: principal },
      ...(source === undefined ? {} : { Condition: { ArnLike: { 'AWS:SourceArn': source } } }),
    },
  ]);
  return [];
}

function statements({ logicalId, properties }: DeployedResource): readonly Json[] {
  return [document(properties['PolicyDocument'], logicalId)['Statement'] ?? []].flat();
}

function document(value: Json | undefined, where: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw new Error(`${where} has no policy document.`);
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
