import type { JsonObject } from '../assembly/json.ts';
import { type GatewayAnswer, proxyAnswer } from './answer.ts';
import { proxyEvent, type RoutedRequest, sourceArn } from './event.ts';
import { type ErrorKind, GatewayError } from './gateway-error.ts';
import { mappedValue, render, type TemplateScope } from './gateway-response.ts';
import type { Invoked, Invoker } from './invoker.ts';
import { headerOf, TRACE_HEADER } from './request.ts';
import type { Integration } from './schema.ts';

const REFUSALS: Readonly<Record<Exclude<Invoked['kind'], 'answered'>, ErrorKind>> = {
  failed: 'DEFAULT_5XX',
  misconfigured: 'API_CONFIGURATION_ERROR',
  throttled: 'INTEGRATION_FAILURE',
  'too large': 'REQUEST_TOO_LARGE',
  'timed out': 'INTEGRATION_TIMEOUT',
};

/**
 * Answers a request by its method's integration.
 *
 * @param context what the function is told of the request
 * @throws GatewayError when there is no answer
 */
export async function integrate(
  routed: RoutedRequest,
  context: JsonObject,
  invoker: Invoker,
): Promise<GatewayAnswer> {
  const { integration } = routed.method;
  if (integration?.Type === 'AWS_PROXY') return invokeProxy(integration, routed, context, invoker);
  if (integration?.Type === 'MOCK') return mockAnswer(integration, routed, context);
  throw new GatewayError('API_CONFIGURATION_ERROR', `the integration ${integration?.Type} is not imitated`);
}

async function invokeProxy(
  { Uri, Credentials, TimeoutInMillis }: Integration,
  routed: RoutedRequest,
  context: JsonObject,
  invoker: Invoker,
): Promise<GatewayAnswer> {
  const invoked = await invoker.invoke({
    uri: Uri,
    credentials: Credentials,
    sourceArn: sourceArn(routed),
    event: proxyEvent(routed, context),
    timeoutMs: TimeoutInMillis,
    trace: headerOf(routed.request, TRACE_HEADER),
  });
  if (invoked.kind === 'answered') return proxyAnswer(invoked.payload, routed.api, routed.request);
  throw new GatewayError(REFUSALS[invoked.kind], invoked.reason);
}

function mockAnswer(integration: Integration, routed: RoutedRequest, context: JsonObject): GatewayAnswer {
  const { RequestTemplates, IntegrationResponses } = integration;
  const [template = ''] = Object.values(RequestTemplates);
  const status = /statusCode["']?\s*:\s*(\d{3})/.exec(template)?.[1] ?? '200';
  const response =
    IntegrationResponses.find(
      ({ SelectionPattern }) =>
        SelectionPattern !== undefined && new RegExp(`^(?:${SelectionPattern})$`).test(status),
    ) ?? IntegrationResponses.find(({ SelectionPattern }) => SelectionPattern === undefined);
  if (response === undefined) throw new GatewayError('API_CONFIGURATION_ERROR', `no response for ${status}`);
  const scope: TemplateScope = { request: routed.request, context, stageVariables: routed.stage.variables };
  const [type, body] = Object.entries(response.ResponseTemplates)[0] ?? ['application/json', ''];
  return {
    status: response.StatusCode,
    headers: [
      ['Content-Type', type],
      ...Object.entries(response.ResponseParameters).map(
        ([name, value]) => [name.replace('method.response.header.', ''), mappedValue(value, scope)] as const,
      ),
    ],
    body: Buffer.from(render(body, scope)),
  };
}
