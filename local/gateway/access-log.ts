import { z } from 'zod';

import type { DeployedResource } from '../assembly/deployment.ts';
import { isJsonObject, type Json, type JsonObject } from '../assembly/json.ts';
import type { GatewayAnswer } from './answer.ts';
import type { ErrorKind } from './gateway-error.ts';

/** Source of the log that access logs are written to. */
export const ACCESS_LOG_SOURCE = 'api-access';

/** A request that was answered, and how long that took. */
export interface Answered {
  readonly answer: GatewayAnswer;
  readonly milliseconds: number;
  readonly authorizerMilliseconds?: number;
  readonly integrationMilliseconds?: number;
  /** Why API Gateway answered by itself. */
  readonly error?: ErrorKind;
}

const stageSchema = z.looseObject({
  AccessLogSetting: z.looseObject({ DestinationArn: z.string(), Format: z.string() }).optional(),
});

/** The format of a stage's access log; undefined when it writes none. */
export function accessLogFormat(stage: DeployedResource | undefined): string | undefined {
  return stageSchema.parse(stage?.properties ?? {}).AccessLogSetting?.Format;
}

/** A line of an access log: its format with `$context.…` put in, and `-` for what a request does not have. */
export function accessLogLine(format: string, context: JsonObject): string {
  return format.replaceAll(/\$context\.((?:\w+\.)*\w+)/g, (_, path: string) => {
    let value: Json | undefined = context;
    for (const name of path.split('.')) value = isJsonObject(value) ? value[name] : undefined;
    if (value === undefined || value === null) return '-';
    return JSON.stringify(String(value)).slice(1, -1);
  });
}

/** What an access log may tell: what the function was told of the request, and how it was answered. */
export function accessContext(context: JsonObject, answered: Answered): JsonObject {
  const { answer, milliseconds, authorizerMilliseconds, integrationMilliseconds, error } = answered;
  const { authorizer } = context;
  return {
    ...context,
    status: answer.status,
    responseLength: answer.body.length,
    responseLatency: Math.round(milliseconds),
    ...(isJsonObject(authorizer) && {
      authorizer: { ...authorizer, latency: Math.round(authorizerMilliseconds ?? 0) },
    }),
    // The status is that of the call, and not of the answer: a function that failed was called all the same.
    ...(integrationMilliseconds !== undefined && {
      integration: { latency: Math.round(integrationMilliseconds), status: 200 },
    }),
    ...(error !== undefined && { error: { responseType: error } }),
  };
}
