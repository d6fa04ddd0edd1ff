import { z } from 'zod';
import type { JsonObject } from '../assembly/json.ts';
import { executionArn, methodArn, type RoutedRequest, requestParts } from './event.ts';
import { GatewayError } from './gateway-error.ts';
import { mappedValue } from './gateway-response.ts';
import type { Invoked, Invoker } from './invoker.ts';
import { evaluate, policyDocumentSchema } from './policy.ts';
import { headerOf, TRACE_HEADER } from './request.ts';
import type { AuthorizerProperties } from './schema.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const answerSchema = z.object({
  principalId: z.string(),
  policyDocument: policyDocumentSchema,
  context: z.record(z.string(), scalar).nullish(),
  usageIdentifierKey: z.string().nullish(),
});

type Answer = z.infer<typeof answerSchema>;

export interface Authorized {
  /** What functions find as `requestContext.authorizer`. */
  readonly context: JsonObject;
  readonly usageIdentifierKey: string | undefined;
}

/** Longest that an authorizer's function may take. */
const TIMEOUT_MS = 29_000;
const MAX_CACHED = 10_000;

/** A Lambda authorizer, with the answers it gave: kept by identity source, held against each method anew. */
export class Authorizer {
  readonly #id: string;
  readonly #properties: AuthorizerProperties;
  readonly #invoker: Invoker;
  readonly #sources: readonly string[];
  readonly #answers = new Map<string, { readonly answer: Answer; readonly until: number }>();

  constructor(id: string, properties: AuthorizerProperties, invoker: Invoker) {
    this.#id = id;
    this.#properties = properties;
    this.#invoker = invoker;
    this.#sources = (properties.IdentitySource ?? '').split(',').flatMap((source) => source.trim() || []);
  }

  /** @throws GatewayError when it does not let the request in, or fails */
  async authorize(routed: RoutedRequest, context: JsonObject): Promise<Authorized> {
    const identity = this.#identityOf(routed, context);
    const answer = await this.#answerFor(identity, routed, context);
    const decision = evaluate(answer.policyDocument, methodArn(routed));
    if (decision === 'ExplicitDeny') {
      const text = 'User is not authorized to access this resource with an explicit deny';
      throw new GatewayError('ACCESS_DENIED', 'denied by the authorizer', text);
    }
    if (decision === 'ImplicitDeny') throw new GatewayError('ACCESS_DENIED', 'not allowed by the authorizer');
    const values = Object.entries(answer.context ?? {}).map(([name, value]) => [
      name,
      value === null ? null : String(value),
    ]);
    return {
      context: { ...Object.fromEntries(values), principalId: answer.principalId, integrationLatency: 0 },
      usageIdentifierKey: answer.usageIdentifierKey ?? undefined,
    };
  }

  /** The values of the identity sources. @throws GatewayError when one is missing, without asking the function */
  #identityOf({ request, stage }: RoutedRequest, context: JsonObject): string[] {
    const scope = { request, context, stageVariables: stage.variables };
    const values = this.#sources.map((source) => mappedValue(source, scope));
    if (values.includes('')) throw new GatewayError('UNAUTHORIZED', 'an identity source is missing');
    const pattern = this.#properties.IdentityValidationExpression;
    if (pattern !== undefined && !values.every((value) => new RegExp(`^(?:${pattern})$`).test(value))) {
      throw new GatewayError('UNAUTHORIZED', 'the token is not of the validation expression');
    }
    return values;
  }

  async #answerFor(identity: readonly string[], routed: RoutedRequest, context: JsonObject): Promise<Answer> {
    const seconds = this.#properties.AuthorizerResultTtlInSeconds;
    const key = JSON.stringify([routed.stage.name, ...identity]);
    const known = this.#answers.get(key);
    if (known !== undefined && known.until > performance.now()) return known.answer;
    const answer = await this.#ask(identity, routed, context);
    if (seconds > 0 && identity.length > 0) {
      this.#answers.delete(key);
      const [oldest] = this.#answers.keys();
      if (this.#answers.size >= MAX_CACHED && oldest !== undefined) this.#answers.delete(oldest);
      this.#answers.set(key, { answer, until: performance.now() + seconds * 1000 });
    }
    return answer;
  }

  async #ask(identity: readonly string[], routed: RoutedRequest, context: JsonObject): Promise<Answer> {
    const { Type, AuthorizerUri, AuthorizerCredentials } = this.#properties;
    const common = { type: Type, methodArn: methodArn(routed) };
    const invoked = await this.#invoker.invoke({
      uri: AuthorizerUri,
      credentials: AuthorizerCredentials,
      sourceArn: executionArn(routed.api, `authorizers/${this.#id}`),
      event:
        Type === 'TOKEN'
          ? { ...common, authorizationToken: identity[0] }
          : { ...common, ...requestParts(routed), requestContext: context },
      timeoutMs: TIMEOUT_MS,
      trace: headerOf(routed.request, TRACE_HEADER),
    });
    return answerOf(invoked);
  }
}

function answerOf(invoked: Invoked): Answer {
  if (invoked.kind === 'answered') {
    const parsed = answerSchema.safeParse(JSON.parse(invoked.payload));
    if (parsed.success) return parsed.data;
    throw new GatewayError('AUTHORIZER_CONFIGURATION_ERROR', z.prettifyError(parsed.error));
  }
  if (invoked.kind !== 'failed') throw new GatewayError('AUTHORIZER_CONFIGURATION_ERROR', invoked.reason);
  const { errorMessage } = z.looseObject({ errorMessage: z.string() }).parse(JSON.parse(invoked.reason));
  // The one word by which a function says so; every other failure is its own.
  if (errorMessage === 'Unauthorized') throw new GatewayError('UNAUTHORIZED', 'refused by the authorizer');
  throw new GatewayError('AUTHORIZER_FAILURE', errorMessage);
}
