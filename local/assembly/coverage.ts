import { ALARM_COVERAGE } from './alarm-coverage.ts';
import type { DeployedResource } from './deployment.ts';
import { GATEWAY_COVERAGE } from './gateway-coverage.ts';
import { STORE_COVERAGE } from './store-coverage.ts';
import { isCustomResource, WITHOUT_EFFECT } from './without-effect.ts';

/** What of each imitated type is acted on, and what is taken without effect because nothing here could tell. */
export interface TypeCoverage {
  readonly honoured: readonly string[];
  readonly withoutEffect: readonly string[];
}

const TABLE: TypeCoverage = {
  honoured: [
    'AttributeDefinitions',
    'GlobalSecondaryIndexes',
    'KeySchema',
    'LocalSecondaryIndexes',
    'TableName',
  ],
  withoutEffect: [
    ...[
      'BillingMode',
      'DeletionProtectionEnabled',
      'PointInTimeRecoverySpecification',
      'Replicas',
      'SSESpecification',
    ],
    // AWS deletes expired items days late, so nobody may rely on it.
    ...['TableClass', 'Tags', 'TimeToLiveSpecification', 'WarmThroughput', 'WriteOnDemandThroughputSettings'],
  ],
};

const IMITATED: Readonly<Record<string, TypeCoverage>> = {
  'AWS::S3::Bucket': {
    honoured: ['BucketName', 'VersioningConfiguration', 'NotificationConfiguration'],
    withoutEffect: [
      ...['BucketEncryption', 'LifecycleConfiguration', 'LoggingConfiguration', 'OwnershipControls'],
      ...['PublicAccessBlockConfiguration', 'Tags'],
    ],
  },
  'AWS::S3::BucketPolicy': { honoured: ['Bucket', 'PolicyDocument'], withoutEffect: [] },
  'AWS::SQS::Queue': {
    honoured: [
      ...['ContentBasedDeduplication', 'DelaySeconds', 'FifoQueue', 'MaximumMessageSize', 'QueueName'],
      ...['ReceiveMessageWaitTimeSeconds', 'RedrivePolicy', 'VisibilityTimeout'],
    ],
    withoutEffect: ['MessageRetentionPeriod', 'RedriveAllowPolicy', 'SqsManagedSseEnabled', 'Tags'],
  },
  'AWS::SQS::QueuePolicy': { honoured: ['PolicyDocument', 'Queues'], withoutEffect: [] },
  'AWS::SNS::Topic': { honoured: ['KmsMasterKeyId', 'TopicName'], withoutEffect: ['DisplayName', 'Tags'] },
  'AWS::SNS::TopicPolicy': { honoured: ['PolicyDocument', 'Topics'], withoutEffect: [] },
  'AWS::SNS::Subscription': {
    honoured: ['Endpoint', 'Protocol', 'RawMessageDelivery', 'TopicArn'],
    withoutEffect: [],
  },
  'AWS::DynamoDB::GlobalTable': TABLE,
  'AWS::DynamoDB::Table': TABLE,
  'AWS::Lambda::Function': {
    honoured: [
      ...[
        'Code',
        'Environment',
        'FunctionName',
        'Handler',
        'MemorySize',
        'ReservedConcurrentExecutions',
        'Role',
      ],
      ...['Runtime', 'Timeout'],
    ],
    withoutEffect: [
      ...['Architectures', 'Description', 'EphemeralStorage', 'LoggingConfig', 'RecursiveLoop', 'Tags'],
      ...['TracingConfig', 'VpcConfig'],
    ],
  },
  'AWS::Lambda::EventSourceMapping': {
    honoured: [
      ...['BatchSize', 'Enabled', 'EventSourceArn', 'FunctionName', 'FunctionResponseTypes'],
      ...['MaximumBatchingWindowInSeconds', 'ProvisionedPollerConfig', 'ScalingConfig'],
    ],
    withoutEffect: ['MetricsConfig', 'Tags'],
  },
  'AWS::Lambda::Permission': {
    honoured: ['Action', 'FunctionName', 'Principal', 'SourceArn'],
    withoutEffect: ['SourceAccount'],
  },
  'AWS::Events::Rule': {
    honoured: ['EventPattern', 'Name', 'ScheduleExpression', 'State', 'Targets'],
    withoutEffect: ['Description', 'Tags'],
  },
  'AWS::Scheduler::Schedule': {
    honoured: ['Name', 'ScheduleExpression', 'State', 'Target'],
    withoutEffect: ['Description', 'FlexibleTimeWindow', 'GroupName'],
  },
  'AWS::IAM::Role': {
    honoured: ['ManagedPolicyArns', 'Policies', 'RoleName'],
    withoutEffect: ['AssumeRolePolicyDocument', 'Description', 'MaxSessionDuration', 'Path', 'Tags'],
  },
  // Logs are files, kept until they are removed.
  'AWS::Logs::LogGroup': { honoured: ['LogGroupName'], withoutEffect: ['RetentionInDays', 'Tags'] },
  'AWS::IAM::Policy': { honoured: ['PolicyDocument', 'Roles'], withoutEffect: ['PolicyName'] },
  'AWS::IAM::ManagedPolicy': {
    honoured: ['ManagedPolicyName', 'PolicyDocument', 'Roles'],
    withoutEffect: ['Description', 'Path'],
  },
  // A version is the code of now, and its environments start when they are needed.
  'AWS::Lambda::Version': {
    honoured: ['FunctionName'],
    withoutEffect: ['CodeSha256', 'Description', 'ProvisionedConcurrencyConfig', 'RuntimePolicy'],
  },
  'AWS::Lambda::Alias': {
    honoured: ['FunctionName', 'FunctionVersion', 'Name', 'ProvisionedConcurrencyConfig'],
    withoutEffect: ['Description', 'RoutingConfig'],
  },
  'AWS::ApplicationAutoScaling::ScalableTarget': {
    honoured: ['MaxCapacity', 'MinCapacity', 'ResourceId', 'ScalableDimension', 'ServiceNamespace'],
    withoutEffect: ['RoleARN', 'Tags'],
  },
  'AWS::ApplicationAutoScaling::ScalingPolicy': {
    honoured: [
      ...[
        'PolicyName',
        'PolicyType',
        'ResourceId',
        'ScalableDimension',
        'ScalingTargetId',
        'ServiceNamespace',
      ],
      ...['StepScalingPolicyConfiguration', 'TargetTrackingScalingPolicyConfiguration'],
    ],
    withoutEffect: [],
  },
  ...ALARM_COVERAGE,
  ...GATEWAY_COVERAGE,
  ...STORE_COVERAGE,
  'AWS::KMS::Key': {
    honoured: ['KeyPolicy'],
    withoutEffect: ['Description', 'EnableKeyRotation', 'PendingWindowInDays', 'Tags'],
  },
};

/** What of a deployment is not imitated, one line each: whole types, and properties of imitated ones. */
export function notImitated(resources: readonly DeployedResource[]): string[] {
  return resources.flatMap((resource) => {
    const { type, stackName, logicalId } = resource;
    if (type in WITHOUT_EFFECT || isCustomResource(type)) return [];
    const coverage = IMITATED[type];
    if (coverage === undefined) return [`${type} (${stackName}/${logicalId})`];
    const known = [...coverage.honoured, ...coverage.withoutEffect];
    return Object.keys(resource.properties)
      .filter((property) => !known.includes(property))
      .map((property) => `${type}.${property} (${stackName}/${logicalId})`);
  });
}

/** How people call a service whose resource types have another name. */
const SERVICE_NAMES: Readonly<Record<string, string>> = {
  ApiGateway: 'API Gateway',
  ApplicationAutoScaling: 'Application Auto Scaling',
  Events: 'EventBridge',
  Logs: 'CloudWatch Logs',
  Scheduler: 'EventBridge',
};

/** The services of a deployment that are imitated, in the order in which it first uses them. */
export function imitatedServices(resources: readonly DeployedResource[]): string[] {
  const used = resources
    .filter(({ type }) => type in IMITATED)
    .map(({ type }) => type.split('::')[1] ?? type);
  return [...new Set(used.map((name) => SERVICE_NAMES[name] ?? name))];
}
