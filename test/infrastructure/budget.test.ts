import { describe, expect, it } from 'vitest';
import { STAGE_NAMES } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { synthesise } from './synthesis.ts';
import { asList, at, flatten, type Json, resources, target } from './template.ts';

describe.each(STAGE_NAMES)('the budget of %s', (name) => {
  const assembly = synthesise(name);
  const stage = loadStage(name);
  const [budget, ...others] = resources(assembly, 'AWS::Budgets::Budget');
  const properties = budget!.resource.Properties;
  const tags = (resource: Record<string, Json>) =>
    Object.fromEntries(asList(at(resource, 'Tags')).map((tag) => [at(tag, 'Key'), at(tag, 'Value')]));

  it('is what the stage may cost a month', () => {
    expect(others).toEqual([]);
    expect(at(properties, 'Budget')).toMatchObject({
      BudgetType: 'COST',
      TimeUnit: 'MONTHLY',
      BudgetLimit: { Amount: stage.budgetDollars, Unit: 'USD' },
    });
  });

  it('counts what carries the tag of the deployment, as everything does that can', () => {
    const [filter, ...more] = asList(at(properties, 'Budget', 'CostFilters', 'TagKeyValue'));
    expect(more).toEqual([]);
    const [, key = '', value] = /^user:(\w+)\$(.+)$/.exec(String(filter))!;
    const paidFor = resources(
      assembly,
      ...['AWS::RDS::DBCluster', 'AWS::RDS::DBInstance', 'AWS::ElastiCache::ServerlessCache'],
      ...['AWS::Lambda::Function', 'AWS::S3::Bucket', 'AWS::SQS::Queue', 'AWS::CloudWatch::Alarm'],
    );
    expect(paidFor.length).toBeGreaterThan(30);
    const untagged = paidFor.filter(({ resource }) => tags(resource.Properties)[key] !== value);
    expect(untagged.map(({ where }) => where)).toEqual([]);
  });

  it('tells the alert topic at 80 % spent and at 100 % foreseen', () => {
    const warnings = asList(at(properties, 'NotificationsWithSubscribers')).map((warning) => [
      at(warning, 'Notification', 'NotificationType'),
      at(warning, 'Notification', 'Threshold'),
      at(warning, 'Notification', 'ThresholdType'),
      at(warning, 'Notification', 'ComparisonOperator'),
      asList(at(warning, 'Subscribers')).map((who) => [
        at(who, 'SubscriptionType'),
        target(at(who, 'Address')),
      ]),
    ]);
    const topic = [['SNS', 'Alerts91F83244']];
    expect(warnings).toEqual([
      ['ACTUAL', 80, 'PERCENTAGE', 'GREATER_THAN', topic],
      ['FORECASTED', 100, 'PERCENTAGE', 'GREATER_THAN', topic],
    ]);
  });

  it('may use the topic and its key, as long as it is of this account', () => {
    const [key] = resources(assembly, 'AWS::KMS::Key');
    const policy = resources(assembly, 'AWS::SNS::TopicPolicy').find(({ resource }) =>
      asList(at(resource.Properties, 'Topics')).some((topic) => target(topic) === 'Alerts91F83244'),
    );
    const granted = [
      ...asList(at(key!.resource.Properties, 'KeyPolicy', 'Statement')),
      ...asList(at(policy!.resource.Properties, 'PolicyDocument', 'Statement')),
    ].filter((statement) => at(statement, 'Principal', 'Service') === 'budgets.amazonaws.com');
    expect(granted.map((statement) => at(statement, 'Action'))).toEqual([
      ['kms:Decrypt', 'kms:GenerateDataKey'],
      'sns:Publish',
    ]);
    for (const statement of granted) {
      expect(at(statement, 'Condition', 'StringEquals')).toEqual({
        'aws:SourceAccount': { Ref: 'AWS::AccountId' },
      });
      expect(flatten(at(statement, 'Condition', 'ArnLike', 'aws:SourceArn'))).toBe(
        `arn:\${AWS::Partition}:budgets::\${AWS::AccountId}:*`,
      );
    }
  });

  it('is there after the topic lets it publish', () => {
    const text = budget!.stack.text;
    const { DependsOn } = JSON.parse(text).Resources[budget!.logicalId];
    expect(DependsOn).toContainEqual(expect.stringMatching(/^AlertsPolicy/));
  });
});
