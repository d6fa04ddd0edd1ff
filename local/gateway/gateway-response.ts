import { isJsonObject, type Json, type JsonObject } from '../assembly/json.ts';
import type { GatewayAnswer } from './answer.ts';
import type { GatewayError } from './gateway-error.ts';
import { type GatewayRequest, headerOf } from './request.ts';
import type { GatewayResponse } from './schema.ts';

/** What templates of answers may refer to. */
export interface TemplateScope {
  readonly request: GatewayRequest;
  readonly context: JsonObject;
  readonly stageVariables: Readonly<Record<string, string>>;
}

const HEADER = 'gatewayresponse.header.';

/** The answer to a request that API Gateway refuses or cannot serve, as the API's gateway responses word it. */
export function gatewayResponse(
  error: GatewayError,
  responses: ReadonlyMap<string, GatewayResponse>,
  scope: TemplateScope,
): GatewayAnswer {
  const response =
    responses.get(error.kind) ?? responses.get(error.status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
  const withError: TemplateScope = {
    ...scope,
    context: {
      ...scope.context,
      error: {
        message: error.text,
        messageString: JSON.stringify(error.text),
        responseType: error.kind,
      },
    },
  };
  const headers: [string, string][] = Object.entries(response?.ResponseParameters ?? {}).map(
    ([name, value]) => [name.slice(HEADER.length), mappedValue(value, withError)],
  );
  const [contentType, template] = chosenTemplate(response, error);
  const own = new Set(headers.map(([name]) => name.toLowerCase()));
  const byDefault: [string, string][] = [
    ['Content-Type', contentType],
    ['x-amzn-ErrorType', error.errorType],
  ];
  return {
    status: response?.StatusCode ?? error.status,
    headers: [...byDefault.filter(([name]) => !own.has(name.toLowerCase())), ...headers],
    body: Buffer.from(render(template, withError)),
  };
}

function chosenTemplate(response: GatewayResponse | undefined, error: GatewayError): [string, string] {
  const templates = Object.entries(response?.ResponseTemplates ?? {});
  const chosen = templates.find(([type]) => type === 'application/json') ?? templates[0];
  if (chosen !== undefined) return chosen;
  // AWS spells it so where an authorizer's policy is the reason.
  const member = error.kind === 'ACCESS_DENIED' ? 'Message' : 'message';
  return ['application/json', `{"${member}":$context.error.messageString}`];
}

/** Puts values into a template: `$context.…` and `$stageVariables.…`, in braces or not. Nothing else is a template's. */
export function render(template: string, scope: TemplateScope): string {
  return template.replaceAll(
    /\$(?:\{((?:context|stageVariables)\.[\w.-]+)\}|((?:context|stageVariables)\.\w+(?:[.-]\w+)*))/g,
    (_, braced: string | undefined, bare: string | undefined) => lookUp(braced ?? bare ?? '', scope),
  );
}

/** The value of a parameter mapping: a constant in quotes, or where to take it from. */
export function mappedValue(mapping: string, scope: TemplateScope): string {
  const constant = /^'(.*)'$/s.exec(mapping)?.[1];
  if (constant !== undefined) return constant;
  const [, place, name = ''] = /^method\.request\.(header|querystring)\.(.+)$/.exec(mapping) ?? [];
  if (place === 'header') return headerOf(scope.request, name) ?? '';
  if (place === 'querystring') return scope.request.query.get(name) ?? '';
  return lookUp(mapping, scope);
}

function lookUp(path: string, { context, stageVariables }: TemplateScope): string {
  const [root, ...names] = path.split('.');
  let value: Json | undefined =
    root === 'context' ? context : root === 'stageVariables' ? stageVariables : undefined;
  for (const name of names) value = isJsonObject(value) ? value[name] : undefined;
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
