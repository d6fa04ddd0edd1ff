import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import * as z from 'zod';
import { createDynamoTokens } from '../adapters/dynamodb-tokens.ts';
import { type BufferedMetrics, createEmfMetrics } from '../adapters/emf-metrics.ts';
import { createOidcIdentityProvider } from '../adapters/oidc-identity-provider.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { type AuthorizationContext, authorize } from '../api/authorize.ts';
import { type AuthorizerEnvironment, authorizerEnvironmentSchema } from '../contracts/access-environment.ts';
import { METRICS } from '../contracts/metric-names.ts';
import { type AuthorizerAnswer, allowStage } from '../domain/access/policy.ts';
import { answersHeartbeats } from './runtime/heartbeats.ts';
import { errorFields, log, writeLine } from './runtime/log.ts';
import { readEnvironment } from './runtime/services.ts';

interface Authorizer {
  readonly context: AuthorizationContext;
  readonly usageKey: string;
  readonly metrics: BufferedMetrics;
}

const eventSchema = z.object({
  methodArn: z.string(),
  headers: z.record(z.string(), z.string()).nullish(),
});

/**
 * The only message that API Gateway answers with 401; any other is a 500, and neither is cached. Both are errors of the
 * function, so that what is wrong here is counted as a metric of its own.
 */
const UNAUTHORIZED = 'Unauthorized';

let authorizer: Authorizer | undefined;

/** Tells API Gateway who calls, before any function sees the request. */
export const handler = middy<unknown, AuthorizerAnswer>()
  .use(answersHeartbeats())
  .handler(async (event, { awsRequestId }) => {
    const { methodArn, headers } = eventSchema.parse(event);
    const { context, usageKey, metrics } = useAuthorizer();
    const caller = await authorize(context, authorizationOf(headers ?? {})).catch((error: unknown) => {
      metrics.count(METRICS.authorizationsFailed);
      metrics.flush();
      log('error', 'It could not be found out who calls.', {
        lambdaRequestId: awsRequestId,
        ...errorFields(error),
      });
      throw error;
    });
    if (caller === null) throw new Error(UNAUTHORIZED);
    return allowStage(methodArn, caller, usageKey);
  });

function authorizationOf(headers: Readonly<Record<string, string>>): string {
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization');
  return found?.[1] ?? '';
}

function useAuthorizer(): Authorizer {
  authorizer ??= createAuthorizer(readEnvironment(authorizerEnvironmentSchema));
  return authorizer;
}

function createAuthorizer(environment: AuthorizerEnvironment): Authorizer {
  const client = new DynamoDBClient();
  const clock = systemClock;
  return {
    usageKey: environment.USAGE_KEY,
    metrics: createEmfMetrics(environment.METRICS_NAMESPACE, clock, writeLine),
    context: {
      tokens: createDynamoTokens(client, environment.ACCESS_TABLE, clock),
      identities: identityProviderOf(environment),
      clock,
      requestsPerMinute: environment.REQUESTS_PER_MINUTE,
      onUntouched: (error) =>
        log('warn', 'The use of a token could not be written down.', errorFields(error)),
    },
  };
}

function identityProviderOf(environment: AuthorizerEnvironment) {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_KEYS_URL: keysUrl } = environment;
  if (issuer === undefined || audience === undefined || keysUrl === undefined) return null;
  const settings = {
    issuer,
    audience,
    keysUrl,
    algorithms: environment.OIDC_ALGORITHMS,
    tenantClaim: environment.OIDC_TENANT_CLAIM,
    scopeClaim: environment.OIDC_SCOPE_CLAIM,
    scopePrefix: environment.OIDC_SCOPE_PREFIX,
  };
  return createOidcIdentityProvider(settings, systemClock);
}
