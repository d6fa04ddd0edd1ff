import { createTokenSchema, listTokensQuery, MAX_TOKENS, type TokenAnswer } from '../contracts/api/tokens.ts';
import { TOKEN_ID_PATTERN } from '../contracts/token.ts';
import { scopesBeyond } from '../domain/access/scopes.ts';
import { isValid } from '../domain/access/validity.ts';
import { callerOf, tenantOf } from '../http/caller.ts';
import type { ApiRequest, ApiResponse } from '../http/exchange.ts';
import { parseBody, parseQuery } from '../http/input.ts';
import { pageResponse, positionOf } from '../http/page.ts';
import { Problem } from '../http/problem.ts';
import type { TokenRecord, TokenStore } from '../ports/token-store.ts';
import { issueToken, type TokenIssuer } from './issue-token.ts';

/** What the verbs about tokens work with. */
export interface TokenServices extends TokenIssuer {
  readonly tokens: TokenStore;
}

/** The tokens of a tenant, newest first; those that expired or were revoked in the last 30 days too. */
export async function listTokens({ tokens }: TokenServices, request: ApiRequest): Promise<ApiResponse> {
  const { limit } = parseQuery(listTokensQuery, request);
  const [after] = positionOf(request) ?? [];
  const all = await tokens.list(tenantOf(request));
  const rest = typeof after === 'string' ? all.filter(({ id }) => id < after) : all;
  const data = rest.slice(0, limit).map(answerOf);
  const last = data.at(-1);
  const next = rest.length > limit && last !== undefined ? [last.id] : null;
  return pageResponse(request, { data, next, total: all.length });
}

/** Makes a token that can do no more than the caller's own: scopes, rate, time. Its secret is in this answer only. */
export async function createToken(services: TokenServices, request: ApiRequest): Promise<ApiResponse> {
  const { tenant, tokenId, scopes, requestsPerMinute } = callerOf(request);
  const wanted = parseBody(createTokenSchema, request);
  const beyond = scopesBeyond(wanted.scopes, scopes);
  if (beyond.length > 0) throw forbidden(`It does not have the scope "${beyond.join('", "')}" itself.`);
  const now = services.clock.now();
  const all = await services.tokens.list(tenant);
  if (all.filter((token) => isValid(token, now)).length >= MAX_TOKENS) throw full();
  const own = all.find(({ id }) => id === tokenId);
  const expiresAt = expiryOf(wanted.expiresAt, own?.expiresAt ?? null, now);
  const { token, secret } = await issueToken(services, {
    tenant,
    name: wanted.name,
    scopes: wanted.scopes,
    requestsPerMinute: own === undefined ? requestsPerMinute : own.requestsPerMinute,
    expiresAt,
  });
  const answer = answerOf({ ...token, lastUsedAt: null, revokedAt: null });
  return {
    status: 201,
    headers: { Location: `${request.path}/${token.id}` },
    body: { ...answer, token: secret },
    replay: { body: { ...answer, token: null } },
  };
}

/** Revokes a token, be it the caller's own. It may be let in for a minute yet, as long as the gateway remembers it. */
export async function revokeToken(
  { tokens, clock }: TokenServices,
  request: ApiRequest,
): Promise<ApiResponse> {
  const id = request.parameters['tokenId'] ?? '';
  const at = new Date(clock.now()).toISOString();
  const revoked = TOKEN_ID_PATTERN.test(id) ? await tokens.revoke(tenantOf(request), id, at) : null;
  if (revoked === null) throw new Problem('not_found', 'There is no token of this id, or it ended long ago.');
  return { status: 204 };
}

function answerOf({ tenant: _, ...token }: TokenRecord): TokenAnswer {
  return token;
}

/** When a new token ends. @param own when the caller's does: a token must not outlive the one that made it */
function expiryOf(wanted: string | null, own: string | null, now: number): string | null {
  if (wanted === null) return own;
  const time = Date.parse(wanted);
  if (time <= now) {
    const errors = [{ pointer: '/expiresAt', detail: 'has to be in the future' }];
    throw new Problem('invalid_request', 'The token would have expired already.', { errors });
  }
  if (own !== null && time > Date.parse(own)) throw forbidden(`It expires itself at ${own}.`);
  return new Date(time).toISOString();
}

function forbidden(reason: string): Problem {
  const remedy = 'Ask for no more than the token has that makes the request.';
  return new Problem('forbidden', `The token cannot give what it does not have. ${reason}`, { remedy });
}

function full(): Problem {
  const remedy = 'Revoke those that nobody uses: lastUsedAt says which.';
  return new Problem('invalid_request', `A tenant can have ${MAX_TOKENS} tokens.`, { remedy });
}
