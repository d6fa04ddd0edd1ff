import { describe, expect, it } from 'vitest';
import { authorizerEnvironmentSchema } from '../../lambdas/contracts/access-environment.ts';
import { controlEnvironmentSchema } from '../../lambdas/contracts/environment.ts';
import { METRICS } from '../../lambdas/contracts/metric-names.ts';
import { PROBLEMS } from '../../lambdas/contracts/problems.ts';
import { ROUTES } from '../../lambdas/contracts/routes.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { synthesise } from './synthesis.ts';
import { at, flatten, type Json, type LocatedResource, resources, target } from './template.ts';

const assembly = synthesise('phase1');
const stage = loadStage('phase1');
const stack = assembly.stacks.find(({ id }) => id === 'Api')!;

function only(type: string, idPrefix = ''): LocatedResource {
  const found = resources(assembly, type).filter(({ logicalId }) => logicalId.startsWith(idPrefix));
  expect(found).toHaveLength(1);
  return found[0]!;
}

/** The path of a resource, up to the root of the API. */
function pathOf(id: string | undefined): string {
  const found = id === undefined ? undefined : stack.template.Resources[id];
  if (found?.Type !== 'AWS::ApiGateway::Resource') return '';
  return `${pathOf(target(at(found.Properties, 'ParentId')))}/${String(at(found.Properties, 'PathPart'))}`;
}

const methods = resources(assembly, 'AWS::ApiGateway::Method').map(({ resource }) => ({
  key: `${String(at(resource.Properties, 'HttpMethod'))} ${pathOf(target(at(resource.Properties, 'ResourceId')))}`,
  properties: resource.Properties,
}));

describe('the API', () => {
  it('has a method for every route, and no other', () => {
    expect(methods.map(({ key }) => key).toSorted()).toEqual(
      ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted(),
    );
  });

  it('asks for a token wherever the table says so, and counts it', () => {
    for (const { key, properties } of methods) {
      const route = ROUTES.find(({ method, path }) => key === `${method} ${path}`);
      const needsToken = route?.scope !== 'none';
      expect([key, at(properties, 'AuthorizationType')]).toEqual([key, needsToken ? 'CUSTOM' : 'NONE']);
      expect(at(properties, 'ApiKeyRequired') ?? false).toBe(needsToken);
    }
  });

  it('hands requests on whole, under one permission', () => {
    const types = new Set(methods.map(({ properties }) => at(properties, 'Integration', 'Type')));
    expect([...types]).toEqual(['AWS_PROXY']);
    const permissions = resources(assembly, 'AWS::Lambda::Permission').filter(
      (one) => one.stack === stack && at(one.resource.Properties, 'Principal') === 'apigateway.amazonaws.com',
    );
    expect(permissions).toHaveLength(4);
  });

  it('takes a revoked token for a minute at most', () => {
    const { Properties } = only('AWS::ApiGateway::Authorizer').resource;
    expect(Properties).toMatchObject({
      Type: 'REQUEST',
      AuthorizerResultTtlInSeconds: 60,
      IdentitySource: 'method.request.header.Authorization',
    });
  });

  it('is throttled and logged as the stage says, without bodies', () => {
    const { Properties } = only('AWS::ApiGateway::Stage').resource;
    expect(at(Properties, 'MethodSettings', 0)).toMatchObject({
      ThrottlingRateLimit: stage.api.throttle.rate,
      ThrottlingBurstLimit: stage.api.throttle.burst,
      LoggingLevel: 'ERROR',
      DataTraceEnabled: false,
    });
    expect(at(Properties, 'TracingEnabled')).toBe(true);
    const format = String(at(Properties, 'AccessLogSetting', 'Format'));
    expect(JSON.parse(format)).toMatchObject({
      requestId: '$context.requestId',
      tenant: '$context.authorizer.tenant',
    });
    expect(format).not.toMatch(/header|body|apiKey/i);
  });

  it('finds the log of its errors there, before it would make one itself', () => {
    const api = only('AWS::ApiGateway::RestApi').logicalId;
    const log = only('AWS::Logs::LogGroup', 'ErrorLog');
    const { Properties, DependsOn } = only('AWS::ApiGateway::Stage').resource;
    expect(flatten(at(log.resource.Properties, 'LogGroupName'))).toBe(
      `API-Gateway-Execution-Logs_\${${api}}/${String(at(Properties, 'StageName'))}`,
    );
    expect(DependsOn).toContain(log.logicalId);
  });

  it('counts every request under the key that the authorizer names', () => {
    expect(at(only('AWS::ApiGateway::RestApi').resource.Properties, 'ApiKeySourceType')).toBe('AUTHORIZER');
    const key = at(only('AWS::ApiGateway::ApiKey').resource.Properties, 'Value');
    const authorizer = only('AWS::Lambda::Function', 'FunctionsAuthorize').resource.Properties;
    expect(at(authorizer, 'Environment', 'Variables', 'USAGE_KEY')).toBe(key);
  });
});

describe('the alarm about the authorizer', () => {
  it('rings when it cannot be found out who calls, and not when somebody is refused', () => {
    const { Properties } = only('AWS::CloudWatch::Alarm', 'FunctionsAuthorizeErrors').resource;
    expect(Properties).toMatchObject({
      Namespace: stage.deployment,
      MetricName: METRICS.authorizationsFailed,
      Statistic: 'Sum',
      Period: 300,
    });
  });
});

describe('what API Gateway answers by itself', () => {
  const responses = resources(assembly, 'AWS::ApiGateway::GatewayResponse').map(
    ({ resource }) => resource.Properties,
  );
  const named = (type: string) => responses.find((response) => at(response, 'ResponseType') === type) ?? {};

  it('is a problem of the table, whatever it is', () => {
    for (const response of responses) {
      const body: Json = JSON.parse(String(at(response, 'ResponseTemplates', 'application/json')));
      const code = String(at(body, 'code'));
      const known = Object.entries(PROBLEMS).find(([name]) => name === code)?.[1];
      expect(body).toMatchObject({ type: `/docs/errors/${code}`, ...known, requestId: '$context.requestId' });
      expect(at(response, 'StatusCode')).toBe(String(known?.status));
      const headers = at(response, 'ResponseParameters');
      expect(at(headers, 'gatewayresponse.header.Content-Type')).toBe("'application/problem+json'");
    }
  });

  it.each([
    ['UNAUTHORIZED', '401'],
    ['ACCESS_DENIED', '403'],
    ['MISSING_AUTHENTICATION_TOKEN', '404'],
    ['REQUEST_TOO_LARGE', '413'],
    ['THROTTLED', '429'],
    ['INTEGRATION_TIMEOUT', '503'],
    ['DEFAULT_4XX', '400'],
    ['DEFAULT_5XX', '500'],
  ])('to %s is %s', (type, status) => {
    expect(at(named(type), 'StatusCode')).toBe(status);
  });

  it('says how to authenticate, and when to come again', () => {
    const header = (type: string, name: string) =>
      at(named(type), 'ResponseParameters', `gatewayresponse.header.${name}`);
    expect(header('UNAUTHORIZED', 'WWW-Authenticate')).toBe("'Bearer'");
    expect(header('THROTTLED', 'Retry-After')).toBe("'1'");
    expect(header('DEFAULT_4XX', 'Access-Control-Allow-Origin')).toBeUndefined();
  });
});

describe('its functions', () => {
  const variablesOf = (idPrefix: string) => {
    const { Properties } = only('AWS::Lambda::Function', idPrefix).resource;
    const variables = at(Properties, 'Environment', 'Variables');
    if (typeof variables !== 'object' || variables === null) throw new Error(`${idPrefix} has no variables.`);
    return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, flatten(value)]));
  };

  it('are given what they read', () => {
    // An address is known at deployment; here it is only a reference.
    const control = Object.entries(variablesOf('FunctionsControl')).map(([name, value]) => [
      name,
      name.endsWith('_URL') && value.startsWith('${') ? 'https://queue.example' : value,
    ]);
    expect(controlEnvironmentSchema.safeParse(Object.fromEntries(control)).error).toBeUndefined();
    const authorizer = authorizerEnvironmentSchema.safeParse(variablesOf('FunctionsAuthorize'));
    expect(authorizer.data?.REQUESTS_PER_MINUTE).toBe(stage.api.requestsPerMinute);
  });
});
