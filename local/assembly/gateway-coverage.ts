import type { TypeCoverage } from './coverage.ts';

/** What of API Gateway's types is acted on. */
export const GATEWAY_COVERAGE: Readonly<Record<string, TypeCoverage>> = {
  'AWS::ApiGateway::RestApi': {
    honoured: ['ApiKeySourceType', 'BinaryMediaTypes', 'MinimumCompressionSize', 'Name'],
    withoutEffect: [
      ...['Description', 'DisableExecuteApiEndpoint', 'EndpointConfiguration', 'FailOnWarnings', 'Tags'],
    ],
  },
  'AWS::ApiGateway::Resource': { honoured: ['ParentId', 'PathPart', 'RestApiId'], withoutEffect: [] },
  'AWS::ApiGateway::Method': {
    honoured: [
      ...['ApiKeyRequired', 'AuthorizationType', 'AuthorizerId', 'HttpMethod', 'Integration', 'ResourceId'],
      'RestApiId',
    ],
    // Parameters and responses are declared, and nothing holds a proxy integration to them.
    withoutEffect: ['MethodResponses', 'OperationName', 'RequestParameters'],
  },
  'AWS::ApiGateway::Authorizer': {
    honoured: [
      ...['AuthorizerCredentials', 'AuthorizerResultTtlInSeconds', 'AuthorizerUri', 'IdentitySource'],
      ...['IdentityValidationExpression', 'RestApiId', 'Type'],
    ],
    withoutEffect: ['AuthType', 'Name'],
  },
  // What is deployed is always what the templates have now.
  'AWS::ApiGateway::Deployment': {
    honoured: ['RestApiId', 'StageName'],
    withoutEffect: ['Description'],
  },
  'AWS::ApiGateway::Stage': {
    honoured: ['AccessLogSetting', 'MethodSettings', 'RestApiId', 'StageName', 'Variables'],
    withoutEffect: ['DeploymentId', 'Description', 'Tags', 'TracingEnabled'],
  },
  'AWS::ApiGateway::GatewayResponse': {
    honoured: ['ResponseParameters', 'ResponseTemplates', 'ResponseType', 'RestApiId', 'StatusCode'],
    withoutEffect: [],
  },
  'AWS::ApiGateway::UsagePlan': {
    honoured: ['ApiStages', 'Throttle'],
    withoutEffect: ['Description', 'Tags', 'UsagePlanName'],
  },
  'AWS::ApiGateway::ApiKey': {
    honoured: ['Enabled', 'Value'],
    withoutEffect: ['Description', 'GenerateDistinctId', 'Name', 'StageKeys', 'Tags'],
  },
  'AWS::ApiGateway::UsagePlanKey': { honoured: ['KeyId', 'UsagePlanId'], withoutEffect: ['KeyType'] },
};
