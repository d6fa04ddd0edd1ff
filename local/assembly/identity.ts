import { createHash } from 'node:crypto';
import { arn, REGION } from '../account.ts';
import { derivedIdentity, type Identity, type IdentitySubject } from './derived-identity.ts';
import { scalarText } from './json.ts';

interface Naming {
  /** Property that may give the name. */
  readonly property: string;
  readonly maxLength: number;
  readonly lowerCase?: boolean;
  identify(name: string, endpoint: string): Omit<Identity, 'name'>;
}

const NAMINGS: Readonly<Record<string, Naming>> = {
  'AWS::S3::Bucket': {
    property: 'BucketName',
    maxLength: 63,
    lowerCase: true,
    identify: (name) => ({
      ref: name,
      attributes: {
        Arn: bucketArn(name),
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${REGION}.amazonaws.com`,
      },
    }),
  },
  'AWS::SQS::Queue': {
    property: 'QueueName',
    maxLength: 80,
    identify: (name, endpoint) => ({
      ref: queueUrl(name, endpoint),
      attributes: { Arn: arn('sqs', name), QueueName: name, QueueUrl: queueUrl(name, endpoint) },
    }),
  },
  'AWS::SNS::Topic': {
    property: 'TopicName',
    maxLength: 256,
    identify: (name) => ({
      ref: arn('sns', name),
      attributes: { TopicArn: arn('sns', name), TopicName: name },
    }),
  },
  'AWS::DynamoDB::GlobalTable': table(),
  'AWS::DynamoDB::Table': table(),
  'AWS::Lambda::Function': {
    property: 'FunctionName',
    maxLength: 64,
    identify: (name) => ({ ref: name, attributes: { Arn: arn('lambda', `function:${name}`) } }),
  },
  'AWS::IAM::Role': {
    property: 'RoleName',
    maxLength: 64,
    identify: (name) => ({
      ref: name,
      attributes: { Arn: arn('iam', `role/${name}`, { region: '' }), RoleId: `AROA${name}` },
    }),
  },
  'AWS::IAM::ManagedPolicy': {
    property: 'ManagedPolicyName',
    maxLength: 128,
    identify: (name) => {
      const policyArn = arn('iam', `policy/${name}`, { region: '' });
      return { ref: policyArn, attributes: { PolicyArn: policyArn } };
    },
  },
  'AWS::Events::Rule': {
    property: 'Name',
    maxLength: 64,
    identify: (name) => ({ ref: name, attributes: { Arn: arn('events', `rule/${name}`) } }),
  },
  'AWS::Scheduler::Schedule': {
    property: 'Name',
    maxLength: 64,
    identify: (name) => ({ ref: name, attributes: { Arn: arn('scheduler', `schedule/default/${name}`) } }),
  },
  'AWS::KMS::Key': {
    property: 'KeyId',
    maxLength: 128,
    identify: (name) => ({ ref: name, attributes: { KeyId: name, Arn: arn('kms', `key/${name}`) } }),
  },
  'AWS::CloudWatch::Alarm': alarm(),
  'AWS::CloudWatch::CompositeAlarm': alarm(),
  'AWS::Logs::LogGroup': {
    property: 'LogGroupName',
    maxLength: 512,
    identify: (name) => ({ ref: name, attributes: { Arn: `${arn('logs', `log-group:${name}`)}:*` } }),
  },
};

/** The identity of a resource: the same at every start, since it is derived from stack and logical id alone. */
export function identify(
  { type, stackName, logicalId, property }: IdentitySubject,
  endpoint: string,
): Identity {
  const derived = derivedIdentity({ type, stackName, logicalId, property });
  if (derived !== undefined) return derived;
  const naming = NAMINGS[type];
  if (naming === undefined) {
    return { name: logicalId, ref: generatedName(stackName, logicalId, 128), attributes: undefined };
  }
  const given = property(naming.property);
  const generated = generatedName(stackName, logicalId, naming.maxLength);
  const name = given === undefined ? generated : scalarText(given, `${logicalId}.${naming.property}`);
  const final = given === undefined && naming.lowerCase === true ? name.toLowerCase() : name;
  return { name: final, ...naming.identify(final, endpoint) };
}

/** ARN of a bucket, which has neither Region nor account. */
export function bucketArn(name: string): string {
  return arn('s3', name, { region: '', account: '' });
}

function queueUrl(name: string, endpoint: string): string {
  return `${endpoint}/${arn('sqs', name).split(':')[4]}/${name}`;
}

function alarm(): Naming {
  return {
    property: 'AlarmName',
    maxLength: 255,
    identify: (name) => ({ ref: name, attributes: { Arn: arn('cloudwatch', `alarm:${name}`) } }),
  };
}

function table(): Naming {
  return {
    property: 'TableName',
    maxLength: 255,
    identify: (name) => ({ ref: name, attributes: { Arn: arn('dynamodb', `table/${name}`) } }),
  };
}

/** `stack-logicalId-hash`, as CloudFormation names things, but with a hash instead of its random part. */
function generatedName(stackName: string, logicalId: string, maxLength: number): string {
  const hash = createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex').slice(0, 10);
  return `${`${stackName}-${logicalId}`.slice(0, maxLength - hash.length - 1)}-${hash}`;
}
