import { describe, expect, it } from 'vitest';
import { PROBLEMS } from '../../lambdas/contracts/problems.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { synthesise } from './synthesis.ts';
import { type Assembly, asList, at, flatten, type LocatedResource, resources, target } from './template.ts';

const dev = synthesise('dev');
const phase1 = synthesise('phase1');
const { api } = loadStage('phase1');

function only(assembly: Assembly, type: string, idPrefix = ''): LocatedResource {
  const found = resources(assembly, type).filter(({ logicalId }) => logicalId.startsWith(idPrefix));
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe('the firewall', () => {
  const firewall = only(phase1, 'AWS::WAFv2::WebACL');
  const rules = asList(at(firewall.resource.Properties, 'Rules'));

  it('stands before the one stage of the API, and nowhere in dev', () => {
    expect(at(firewall.resource.Properties, 'Scope')).toBe('REGIONAL');
    expect(at(firewall.resource.Properties, 'DefaultAction')).toEqual({ Allow: {} });
    const { Properties } = only(phase1, 'AWS::WAFv2::WebACLAssociation').resource;
    expect(target(at(Properties, 'WebACLArn'))).toBe(firewall.logicalId);
    const stage = only(phase1, 'AWS::ApiGateway::Stage').logicalId;
    const restApi = only(phase1, 'AWS::ApiGateway::RestApi').logicalId;
    expect(flatten(at(Properties, 'ResourceArn'))).toMatch(
      new RegExp(`/restapis/\\$\\{${restApi}\\}/stages/\\$\\{${stage}\\}$`),
    );
    expect(resources(dev, 'AWS::WAFv2::WebACL')).toEqual([]);
  });

  it('turns an address away that sends more within five minutes than the stage allows', () => {
    expect(at(rules[0], 'Statement', 'RateBasedStatement')).toEqual({
      AggregateKeyType: 'IP',
      EvaluationWindowSec: 300,
      Limit: api.requestsPerAddress,
    });
  });

  it('says so with a problem of the table', () => {
    const answer = at(rules[0], 'Action', 'Block', 'CustomResponse');
    expect(answer).toMatchObject({ ResponseCode: 429 });
    expect(at(answer, 'ResponseHeaders')).toContainEqual({ Name: 'Retry-After', Value: '60' });
    // A firewall that is given the type of a body is refused by AWS.
    expect(JSON.stringify(at(answer, 'ResponseHeaders'))).not.toMatch(/content-type/i);
    const key = String(at(answer, 'CustomResponseBodyKey'));
    const body = at(firewall.resource.Properties, 'CustomResponseBodies', key);
    expect(at(body, 'ContentType')).toBe('APPLICATION_JSON');
    const document: unknown = JSON.parse(String(at(body, 'Content')));
    expect(document).toEqual({
      type: '/docs/errors/quota_exceeded',
      code: 'quota_exceeded',
      detail: 'Too many requests came from one address.',
      ...PROBLEMS.quota_exceeded,
    });
  });

  it('lets large bodies, markup and addresses in data, and callers without a browser through', () => {
    const group = at(rules[1], 'Statement', 'ManagedRuleGroupStatement');
    expect(group).toMatchObject({ VendorName: 'AWS', Name: 'AWSManagedRulesCommonRuleSet' });
    expect(at(rules[1], 'OverrideAction')).toEqual({ None: {} });
    const counted = asList(at(group, 'RuleActionOverrides'));
    expect(counted.every((rule) => at(rule, 'ActionToUse', 'Count') !== undefined)).toBe(true);
    expect(counted.map((rule) => at(rule, 'Name'))).toEqual([
      'SizeRestrictions_BODY',
      'CrossSiteScripting_BODY',
      'GenericLFI_BODY',
      'GenericRFI_BODY',
      'EC2MetaDataSSRF_BODY',
      'NoUserAgent_HEADER',
    ]);
    expect(rules).toHaveLength(2);
  });

  it('logs whom it turned away, in a log of its own that forgets, and never a token', () => {
    const { Properties } = only(phase1, 'AWS::WAFv2::LoggingConfiguration').resource;
    const log = only(phase1, 'AWS::Logs::LogGroup', 'FirewallLog');
    const name = String(at(log.resource.Properties, 'LogGroupName'));
    expect(name).toMatch(/^aws-waf-logs-/);
    expect(flatten(at(Properties, 'LogDestinationConfigs', 0))).toMatch(new RegExp(`:log-group:${name}$`));
    expect(at(Properties, 'RedactedFields')).toEqual([{ SingleHeader: { Name: 'authorization' } }]);
    expect(at(Properties, 'LoggingFilter')).toEqual({
      DefaultBehavior: 'DROP',
      Filters: [
        {
          Behavior: 'KEEP',
          Requirement: 'MEETS_ANY',
          Conditions: [{ ActionCondition: { Action: 'BLOCK' } }],
        },
      ],
    });
    for (const measured of [firewall.resource.Properties, ...rules]) {
      expect(at(measured, 'VisibilityConfig', 'SampledRequestsEnabled')).toBe(false);
    }
  });

  it('is heard of when it turns many away', () => {
    const { Properties } = only(phase1, 'AWS::CloudWatch::Alarm', 'FirewallBlocked').resource;
    expect(Properties).toMatchObject({
      Namespace: 'AWS/WAFV2',
      MetricName: 'BlockedRequests',
      Statistic: 'Sum',
      TreatMissingData: 'notBreaching',
    });
    const dimensions = asList(at(Properties, 'Dimensions')).map((one) => [
      at(one, 'Name'),
      flatten(at(one, 'Value')),
    ]);
    expect(dimensions.toSorted()).toEqual([
      ['Region', `\${AWS::Region}`],
      ['Rule', 'ALL'],
      ['WebACL', at(firewall.resource.Properties, 'VisibilityConfig', 'MetricName')],
    ]);
  });
});

describe('a new version of a function', () => {
  const groups = (assembly: Assembly) => resources(assembly, 'AWS::CodeDeploy::DeploymentGroup');
  const shifts = (assembly: Assembly) =>
    new Set(groups(assembly).map(({ resource }) => at(resource.Properties, 'DeploymentConfigName')));

  it('takes a tenth of the requests for five minutes, and in dev all at once', () => {
    expect([...shifts(phase1)]).toEqual(['CodeDeployDefault.LambdaCanary10Percent5Minutes']);
    expect([...shifts(dev)]).toEqual(['CodeDeployDefault.LambdaAllAtOnce']);
  });

  it.each([
    ['dev', dev],
    ['phase1', phase1],
  ])('comes into use through a group of its own in %s', (_name, assembly) => {
    const api = assembly.stacks.find(({ id }) => id === 'Api')!;
    const written: { Resources: Record<string, { UpdatePolicy?: object }> } = JSON.parse(api.text);
    const used = resources(assembly, 'AWS::Lambda::Alias').map(({ logicalId }) => {
      const policy = written.Resources[logicalId]?.UpdatePolicy;
      expect(policy).toMatchObject({
        CodeDeployLambdaAliasUpdate: {
          ApplicationName: { Ref: only(assembly, 'AWS::CodeDeploy::Application').logicalId },
        },
      });
      return JSON.stringify(policy).match(/"DeploymentGroupName":\{"Ref":"(\w+)"\}/)?.[1];
    });
    expect(used.toSorted()).toEqual(
      groups(assembly)
        .map(({ logicalId }) => logicalId)
        .toSorted(),
    );
    expect(used).toHaveLength(4);
  });

  it.each([
    ['control', ['FunctionsControlErrors', 'FunctionsControlLiveSilent']],
    ['query', ['FunctionsQueryErrors', 'FunctionsQueryLiveSilent']],
    ['analyze', ['FunctionsAnalyzeErrors', 'FunctionsAnalyzeLiveSilent']],
    ['authorizer', ['FunctionsAuthorizeErrors', 'FunctionsAuthorizeLiveSilent']],
  ])('of %s is taken back when its alarms ring, or the API fails', (name, alarms) => {
    const { Properties } = only(phase1, 'AWS::CodeDeploy::DeploymentGroup', `Deployments${name}`).resource;
    expect(at(Properties, 'AutoRollbackConfiguration')).toEqual({
      Enabled: true,
      Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_REQUEST', 'DEPLOYMENT_STOP_ON_ALARM'],
    });
    expect(at(Properties, 'AlarmConfiguration', 'Enabled')).toBe(true);
    const ringing = asList(at(Properties, 'AlarmConfiguration', 'Alarms')).map((alarm) =>
      target(at(alarm, 'Name'))?.replace(/[0-9A-F]{8}$/, ''),
    );
    expect(ringing.toSorted()).toEqual(['Failing', ...alarms].toSorted());
  });

  it.each(['FunctionsControl', 'FunctionsQuery', 'FunctionsAnalyze', 'FunctionsAuthorize'])(
    'of %s has five minutes to be heard of',
    (name) => {
      const { Properties } = only(phase1, 'AWS::CloudWatch::Alarm', `${name}LiveSilent`).resource;
      expect(Properties).toMatchObject({
        MetricName: 'Invocations',
        Statistic: 'Sum',
        Period: 300,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'LessThanThreshold',
        TreatMissingData: 'breaching',
      });
      expect(resourceOf(Properties)).toMatch(new RegExp(`^\\$\\{${name}Function\\w+\\}:live$`));
    },
  );

  it.each(['FunctionsControl', 'FunctionsQuery', 'FunctionsAnalyze'])(
    'of %s is judged by what fails under its alias',
    (name) => {
      const { Properties } = only(phase1, 'AWS::CloudWatch::Alarm', `${name}Errors`).resource;
      expect(Properties).toMatchObject({ MetricName: 'Errors', Period: 300, Threshold: 2 });
      expect(resourceOf(Properties)).toMatch(new RegExp(`^\\$\\{${name}Function\\w+\\}:live$`));
    },
  );

  function resourceOf(properties: LocatedResource['resource']['Properties']): string {
    const found = asList(at(properties, 'Dimensions')).find((one) => at(one, 'Name') === 'Resource');
    return flatten(at(found, 'Value'));
  }
});
