import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notImitated } from '../../local/assembly/coverage.ts';
import { planDeployment } from '../../local/assembly/deployment.ts';
import { templateSchema } from '../../local/assembly/template.ts';
import type { Principal } from '../../local/auth/credentials.ts';
import { dynamodbAccesses, snsAccesses, sqsAccesses } from '../../local/iam/accesses.ts';
import { Authoriser } from '../../local/iam/authoriser.ts';
import { collectPolicies } from '../../local/iam/policies.ts';
import { type S3Server, startS3 } from './s3-server.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const statement = (Effect: string, Action: string | string[], Resource: unknown, extra: object = {}) => ({
  Version: '2012-10-17',
  Statement: [{ Effect, Action, Resource, ...extra }],
});

const template = templateSchema.parse({
  Resources: {
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'data', AccelerateConfiguration: {} } },
    BucketPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: { Ref: 'Bucket' },
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Deny',
              Principal: { AWS: '*' },
              Action: 's3:*',
              Resource: 'arn:aws:s3:::data/*',
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
            {
              Effect: 'Deny',
              Principal: '*',
              Action: 's3:GetObject',
              Resource: 'arn:aws:s3:::data/secret/*',
            },
          ],
        },
      },
    },
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work' } },
    QueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Queue' }],
        PolicyDocument: statement(
          'Allow',
          'sqs:SendMessage',
          { 'Fn::GetAtt': ['Queue', 'Arn'] },
          {
            Principal: { Service: 'events.amazonaws.com' },
            Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:events:us-east-1:000000000000:rule/right' } },
          },
        ),
      },
    },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'reader',
        AssumeRolePolicyDocument: {},
        ManagedPolicyArns: [
          'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
          'arn:aws:iam::aws:policy/AdministratorAccess',
        ],
        Policies: [
          { PolicyName: 'inline', PolicyDocument: statement('Allow', 's3:GetObject', 'arn:aws:s3:::data/*') },
        ],
      },
    },
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'more',
        Roles: [{ Ref: 'Role' }],
        PolicyDocument: statement(
          'Allow',
          ['dynamodb:Query', 'sqs:SendMessage'],
          ['arn:aws:dynamodb:*:*:table/jobs/index/*', { 'Fn::GetAtt': ['Queue', 'Arn'] }],
        ),
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:sweep',
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: 'arn:aws:events:us-east-1:000000000000:rule/right',
      },
    },
    Elsewhere: { Type: 'AWS::StepFunctions::StateMachine' },
    Drawing: { Type: 'AWS::CloudWatch::Dashboard', Properties: { Anything: { 'Fn::Nonsense': 1 } } },
  },
});
const deployment = planDeployment(
  { stacks: [{ id: 'S', stackName: 's', template }], assets: new Map() },
  { endpoint: 'http://127.0.0.1:1' },
);
const policies = collectPolicies(deployment);
const authoriser = new Authoriser(policies);
const reader: Principal = {
  role: 'reader',
  arn: 'arn:aws:sts::000000000000:assumed-role/reader/function',
  accessKeyId: '',
  secretAccessKey: '',
  sessionToken: undefined,
};
const object = (action: string, key: string) => ({
  action,
  resource: `arn:aws:s3:::data/${key}`,
  policyHolder: 'arn:aws:s3:::data',
});

describe('a role', () => {
  it('may do what its inline and attached policies allow, and nothing else', async () => {
    await authoriser.authorise(reader, object('s3:GetObject', 'a'));
    await authoriser.authorise(
      reader,
      sqsAccesses('SendMessageBatch', { QueueUrl: 'http://x/000000000000/work' })[0]!,
    );
    await expect(authoriser.authorise(reader, object('s3:PutObject', 'a'))).rejects.toThrow(
      /assumed-role\/reader\/function is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::data\/a" because no identity-based policy of the role reader/,
    );
  });

  it('is stopped by an explicit denial of the resource', async () => {
    await expect(authoriser.authorise(reader, object('s3:GetObject', 'secret/a'))).rejects.toThrow(
      'explicit deny',
    );
  });

  it('is held to the index it queries', async () => {
    const [index] = dynamodbAccesses('Query', { TableName: 'jobs', IndexName: 'watched' });
    const [table] = dynamodbAccesses('Query', { TableName: 'jobs' });
    await authoriser.authorise(reader, index!);
    await expect(authoriser.authorise(reader, table!)).rejects.toThrow('table/jobs"');
  });

  it('has the developer’s freedom only as the developer', async () => {
    await authoriser.authorise({ ...reader, role: undefined }, object('s3:PutObject', 'a'));
  });
});

describe('a service', () => {
  const send = { action: 'sqs:SendMessage', resource: 'arn:aws:sqs:us-east-1:000000000000:work' };

  it('may act for the source the resource’s policy names, and for no other', async () => {
    const rule = (name: string) => `arn:aws:events:us-east-1:000000000000:rule/${name}`;
    expect(await authoriser.serviceMay('events.amazonaws.com', rule('right'), send)).toBe(true);
    expect(await authoriser.serviceMay('events.amazonaws.com', rule('wrong'), send)).toBe(false);
    expect(await authoriser.serviceMay('s3.amazonaws.com', rule('right'), send)).toBe(false);
  });
});

it('a rule may invoke a function only with a permission of the function for it', async () => {
  const invoke = {
    action: 'lambda:InvokeFunction',
    resource: 'arn:aws:lambda:us-east-1:000000000000:function:sweep',
  };
  const rule = (name: string) => `arn:aws:events:us-east-1:000000000000:rule/${name}`;
  expect(await authoriser.serviceMay('events.amazonaws.com', rule('right'), invoke)).toBe(true);
  expect(await authoriser.serviceMay('events.amazonaws.com', rule('wrong'), invoke)).toBe(false);
});

describe('what a request asks for', () => {
  it('is each table of a batch, and the key of an encrypted topic', () => {
    expect(
      dynamodbAccesses('BatchGetItem', { RequestItems: { a: {}, b: {} } }).map(({ resource }) => resource),
    ).toEqual([
      'arn:aws:dynamodb:us-east-1:000000000000:table/a',
      'arn:aws:dynamodb:us-east-1:000000000000:table/b',
    ]);
    const form = new URLSearchParams({
      Action: 'PublishBatch',
      TopicArn: 'arn:aws:sns:us-east-1:000000000000:t',
    });
    expect(snsAccesses(form, () => 'key').map(({ action, resource }) => `${action} ${resource}`)).toEqual([
      'sns:Publish arn:aws:sns:us-east-1:000000000000:t',
      'kms:GenerateDataKey key',
      'kms:Decrypt key',
    ]);
  });
});

describe('what is not imitated', () => {
  it('is listed: types, properties and policies nobody here knows', () => {
    expect(notImitated(deployment.resources)).toEqual([
      'AWS::S3::Bucket.AccelerateConfiguration (s/Bucket)',
      'AWS::StepFunctions::StateMachine (s/Elsewhere)',
    ]);
    expect(policies.unknown).toEqual(['Role: the policy arn:aws:iam::aws:policy/AdministratorAccess']);
  });
});

describe('S3', () => {
  const directory = temporaryDirectory();
  let server: S3Server;

  beforeAll(async () => {
    const read = { name: 'read', policy: statementOn('s3:GetObject', 'arn:aws:s3:::plain/open/*') };
    const list = { name: 'list', policy: statementOn('s3:ListBucket', 'arn:aws:s3:::plain') };
    const ofRoles = new Map([
      ['reader', [read]],
      ['lister', [read, list]],
    ]);
    server = await startS3(directory.path, { ofRoles, ofResources: new Map(), unknown: [] });
  });
  afterAll(async () => {
    await server.close();
    directory.remove();
  });

  const missing = (role: string) =>
    server.client(server.inRole(role)).send(new GetObjectCommand({ Bucket: 'plain', Key: 'open/missing' }));

  it('tells only who may list the bucket that a key is free', async () => {
    await expect(missing('reader')).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(missing('lister')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('holds a presigned URL to the role that signed it', async () => {
    const put = new PutObjectCommand({ Bucket: 'plain', Key: 'open/new' });
    const url = await getSignedUrl(server.client(server.inRole('reader')), put);
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
  });
});

function statementOn(Action: string, Resource: string) {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] };
}
