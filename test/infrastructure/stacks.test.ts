import { describe, expect, it } from 'vitest';
import { DATA_FOLDERS } from '../../lambdas/contracts/key-layout.ts';
import { STAGE_NAMES } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { synthesise } from './synthesis.ts';
import { type Assembly, asList, at, flatten, type LocatedResource, resources } from './template.ts';

const phase1 = synthesise('phase1');

function only(assembly: Assembly, type: string, logicalIdPrefix: string): LocatedResource {
  const found = resources(assembly, type).filter(({ logicalId }) => logicalId.startsWith(logicalIdPrefix));
  expect(found.map(({ where }) => where)).toHaveLength(1);
  return found[0]!;
}

describe('an upload', () => {
  const rule = only(phase1, 'AWS::Events::Rule', 'Uploaded');
  const bucket = only(phase1, 'AWS::S3::Bucket', 'Data');

  it('is announced by the data bucket', () => {
    const notifications = at(bucket.resource.Properties, 'NotificationConfiguration');
    expect(notifications).toEqual({ EventBridgeConfiguration: { EventBridgeEnabled: true } });
  });

  it('is recognised by bucket and folder, and nothing else is', () => {
    const pattern = at(rule.resource.Properties, 'EventPattern');
    expect(at(pattern, 'source')).toEqual(['aws.s3']);
    expect(at(pattern, 'detail-type')).toEqual(['Object Created']);
    expect(at(pattern, 'detail', 'object', 'key')).toEqual([{ prefix: 'uploads/' }]);
    const names = asList(at(pattern, 'detail', 'bucket', 'name')).map(flatten);
    const output = names[0]?.match(/^\$\{creative-dynamics-storage\.(\w+)\}$/)?.[1] ?? '';
    expect(bucket.stack.template.Outputs[output]?.Value).toEqual({ Ref: bucket.logicalId });
    expect(names).toHaveLength(1);
  });

  it('goes to the analysis queue, which lets this rule alone send', () => {
    const queue = only(phase1, 'AWS::SQS::Queue', 'AnalysisQueue');
    expect(flatten(at(rule.resource.Properties, 'Targets', 0, 'Arn'))).toBe(`\${${queue.logicalId}}`);
    const policy = only(phase1, 'AWS::SQS::QueuePolicy', 'AnalysisQueue').resource.Properties;
    const grants = asList(at(policy, 'PolicyDocument', 'Statement')).filter(
      (statement) => at(statement, 'Effect') === 'Allow',
    );
    expect(grants).toHaveLength(1);
    expect(at(grants[0], 'Action')).toContain('sqs:SendMessage');
    expect(at(grants[0], 'Principal')).toEqual({ Service: 'events.amazonaws.com' });
    expect(flatten(at(grants[0], 'Condition', 'ArnEquals', 'aws:SourceArn'))).toBe(`\${${rule.logicalId}}`);
  });
});

describe('the work queues', () => {
  // Six times the consumer's timeout: 60, 900 and 300 s.
  it.each([
    { queue: 'AnalysisQueue', visibility: 360 },
    { queue: 'SignatureQueue', visibility: 5400 },
    { queue: 'ReportQueue', visibility: 1800 },
  ])('$queue hides a message for $visibility s', ({ queue, visibility }) => {
    const { Properties } = only(phase1, 'AWS::SQS::Queue', queue).resource;
    expect(at(Properties, 'VisibilityTimeout')).toBe(visibility);
    expect(at(Properties, 'FifoQueue')).toBeUndefined();
  });
});

describe('the data bucket', () => {
  it.each(STAGE_NAMES)('expires every folder as %s says, and unfinished uploads after a day', (name) => {
    const assembly = synthesise(name);
    const { retentionDays } = loadStage(name);
    const { Properties } = only(assembly, 'AWS::S3::Bucket', 'Data').resource;
    const rules = asList(at(Properties, 'LifecycleConfiguration', 'Rules'));
    expect(rules.map((rule) => [at(rule, 'Prefix'), at(rule, 'ExpirationInDays')])).toEqual([
      ...DATA_FOLDERS.map((folder) => [`${folder}/`, retentionDays[folder]]),
      [undefined, undefined],
    ]);
    expect(at(rules.at(-1), 'AbortIncompleteMultipartUpload', 'DaysAfterInitiation')).toBe(1);
    expect(rules.every((rule) => at(rule, 'Status') === 'Enabled')).toBe(true);
  });

  it('keeps overwritten uploads as long as a dead letter may name them', () => {
    const { Properties } = only(phase1, 'AWS::S3::Bucket', 'Data').resource;
    expect(at(Properties, 'VersioningConfiguration', 'Status')).toBe('Enabled');
    const uploads = at(Properties, 'LifecycleConfiguration', 'Rules', 0);
    expect(at(uploads, 'NoncurrentVersionExpiration', 'NoncurrentDays')).toBe(14);
  });

  it('writes its access log into the other bucket', () => {
    const log = only(phase1, 'AWS::S3::Bucket', 'AccessLogs');
    const { Properties } = only(phase1, 'AWS::S3::Bucket', 'Data').resource;
    expect(at(Properties, 'LoggingConfiguration', 'DestinationBucketName')).toEqual({ Ref: log.logicalId });
  });
});

describe('storing results', () => {
  it.each(['PipelinePlanUpload', 'PipelineWriteReport', 'PipelineSweep'])(
    'can be asked for by %s',
    (worker) => {
      const stored = only(phase1, 'AWS::Lambda::Function', 'StoreResultsFunction').logicalId;
      const { Properties } = only(phase1, 'AWS::Lambda::Function', `${worker}Function`).resource;
      expect(at(Properties, 'Environment', 'Variables', 'STORE_RESULTS_FUNCTION')).toEqual({ Ref: stored });
      const policy = only(phase1, 'AWS::IAM::Policy', `${worker}Role`).resource.Properties;
      const granted = asList(at(policy, 'PolicyDocument', 'Statement')).filter(
        (statement) => at(statement, 'Action') === 'lambda:InvokeFunction',
      );
      expect(granted.map((statement) => flatten(at(statement, 'Resource')))).toEqual([`\${${stored}}`]);
    },
  );

  it.each([
    { stage: 'dev', host: 'DatabaseCluster', as: 'DBClusterResourceId', certificates: true },
    { stage: 'phase1', host: 'DatabaseProxy', as: 'DBProxyArn', certificates: false },
  ] as const)('goes to $host on $stage, as the writer', ({ stage, host, as, certificates }) => {
    const { Properties } = only(synthesise(stage), 'AWS::Lambda::Function', 'StoreResultsFunction').resource;
    const variables = at(Properties, 'Environment', 'Variables');
    expect(flatten(at(variables, 'DB_HOST'))).toContain(`FnGetAtt${host}`);
    expect(at(variables, 'DB_USER')).toBe('writer');
    expect(at(variables, 'DB_CA_FILE') !== undefined).toBe(certificates);
    const policy = only(synthesise(stage), 'AWS::IAM::Policy', 'StoreResultsRole').resource.Properties;
    const granted = asList(at(policy, 'PolicyDocument', 'Statement')).find(
      (statement) => at(statement, 'Action') === 'rds-db:connect',
    );
    const arn = JSON.stringify(at(granted, 'Resource'));
    expect(arn).toContain(as);
    expect(arn).toContain('/writer"');
  });
});

describe('histories', () => {
  it('are written beside the bodies of requests by the function that stores results, which writes nowhere else', () => {
    const policy = only(phase1, 'AWS::IAM::Policy', 'StoreResultsRole').resource.Properties;
    const written = asList(at(policy, 'PolicyDocument', 'Statement')).flatMap((statement) =>
      asList(at(statement, 'Action')).includes('s3:PutObject') ? asList(at(statement, 'Resource')) : [],
    );
    expect(written.map((resource) => flatten(resource).split('/').slice(1).join('/'))).toEqual([
      'payloads/*',
    ]);
  });
});

describe('the schema', () => {
  it('is brought up to date after the instances are there', () => {
    const schema = Object.entries(phase1.stacks.find(({ id }) => id === 'Storage')!.template.Resources).find(
      ([, { Type }]) => Type === 'Custom::DatabaseSchema',
    );
    expect(at(schema![1].Properties, 'Migrations')).toMatch(/^[0-9a-f]{64}$/);
    expect(
      JSON.stringify(
        JSON.parse(phase1.stacks.find(({ id }) => id === 'Storage')!.text).Resources[schema![0]].DependsOn,
      ),
    ).toContain('DatabaseClusterWriter');
  });
});
