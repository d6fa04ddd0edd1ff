import { validateHeaderName, validateHeaderValue } from 'node:http';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { ApiDefinition } from './definition.ts';
import { isBinary } from './event.ts';
import { GatewayError } from './gateway-error.ts';
import { type GatewayRequest, headerOf } from './request.ts';

export interface GatewayAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

const headerValue = z.union([z.string(), z.boolean()]).transform(String);

// None is needed, and no other may be there.
const proxyAnswerSchema = z.strictObject({
  statusCode: z.coerce.number().int().min(100).max(599).nullish(),
  headers: z.record(z.string(), headerValue).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(headerValue)).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

// API Gateway sets or owns these; a function's own come under another name ("Amazon API Gateway important notes").
const REMAPPED = new Set([
  ...['authorization', 'connection', 'content-length', 'content-md5', 'date', 'host', 'max-forwards'],
  ...[
    'proxy-authenticate',
    'server',
    'trailer',
    'upgrade',
    'user-agent',
    'www-authenticate',
    'x-amzn-requestid',
  ],
]);
const DROPPED = new Set(['te', 'transfer-encoding', 'via']);

/**
 * The answer a function gave a proxy integration.
 *
 * @param payload JSON
 * @throws GatewayError when it is not of the form
 */
export function proxyAnswer(payload: string, api: ApiDefinition, request: GatewayRequest): GatewayAnswer {
  const parsed = proxyAnswerSchema.safeParse(JSON.parse(payload));
  if (!parsed.success) {
    throw new GatewayError(
      'DEFAULT_5XX',
      `malformed Lambda proxy response: ${z.prettifyError(parsed.error)}`,
    );
  }
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = parsed.data;
  const given = mergeHeaders(headers ?? {}, multiValueHeaders ?? {});
  checkHeaders(given);
  const typed = given.some(([name]) => name.toLowerCase() === 'content-type');
  const answer = {
    status: statusCode ?? 200,
    headers: typed ? given : [['Content-Type', 'application/json'] as const, ...given],
    body: bytesOf(body ?? '', isBase64Encoded === true && wantsBytes(api, request)),
  };
  return compressed(answer, api, request);
}

function mergeHeaders(
  single: Readonly<Record<string, string>>,
  multiple: Readonly<Record<string, readonly string[]>>,
): [string, string][] {
  const repeated = new Set(Object.keys(multiple).map((name) => name.toLowerCase()));
  const all = [
    ...Object.entries(single).filter(([name]) => !repeated.has(name.toLowerCase())),
    ...Object.entries(multiple).flatMap(([name, values]) => values.map((value) => [name, value] as const)),
  ];
  return all
    .filter(([name]) => !DROPPED.has(name.toLowerCase()))
    .map(([name, value]) => [REMAPPED.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name, value]);
}

/** @throws GatewayError when HTTP does not allow a name or a value */
function checkHeaders(headers: readonly (readonly [string, string])[]): void {
  try {
    for (const [name, value] of headers) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  } catch (error) {
    throw new GatewayError('DEFAULT_5XX', `malformed Lambda proxy response: ${error}`);
  }
}

/** Whether the answer is sent as bytes: the first type the sender accepts has to be one the API takes as bytes. */
function wantsBytes(api: ApiDefinition, request: GatewayRequest): boolean {
  const [first = '*/*'] = (headerOf(request, 'accept') ?? '*/*').split(',');
  return isBinary(api, first);
}

function bytesOf(body: string, base64: boolean): Buffer {
  return Buffer.from(body, base64 ? 'base64' : 'utf8');
}

function compressed(answer: GatewayAnswer, api: ApiDefinition, request: GatewayRequest): GatewayAnswer {
  const { minimumCompressionSize } = api;
  const encoded = answer.headers.some(([name]) => name.toLowerCase() === 'content-encoding');
  const accepted = /\bgzip\b/i.test(headerOf(request, 'accept-encoding') ?? '');
  if (minimumCompressionSize === undefined || encoded || !accepted) return answer;
  if (answer.body.length < minimumCompressionSize) return answer;
  return {
    ...answer,
    headers: [...answer.headers, ['Content-Encoding', 'gzip']],
    body: gzipSync(answer.body),
  };
}
