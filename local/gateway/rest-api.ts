import type { DeployedResource } from '../assembly/deployment.ts';
import type { JsonObject } from '../assembly/json.ts';
import { type Answered, accessContext } from './access-log.ts';
import type { GatewayAnswer } from './answer.ts';
import { Authorizer } from './authorizer.ts';
import type { ApiDefinition, MethodDefinition, StageDefinition } from './definition.ts';
import { type RoutedRequest, requestContext } from './event.ts';
import { GatewayError } from './gateway-error.ts';
import { gatewayResponse } from './gateway-response.ts';
import { integrate } from './integration.ts';
import type { Invoker } from './invoker.ts';
import { type GatewayRequest, headerOf, MAX_BODY_BYTES } from './request.ts';
import { matchRoute, type RouteMatch } from './route-tree.ts';
import { stageLimits, Throttles } from './throttling.ts';
import { UsagePlans } from './usage-plans.ts';

export interface RestApiOptions {
  readonly api: ApiDefinition;
  readonly resources: readonly DeployedResource[];
  readonly invoker: Invoker;
  readonly log: (line: string) => void;
  /** Told all that an access log may tell of a request; undefined when nobody writes one. */
  readonly logAccess?: ((context: JsonObject) => void) | undefined;
}

/** What is learned of a request on its way. */
type Course = { -readonly [K in keyof Omit<Answered, 'answer' | 'milliseconds'>]: Answered[K] };

/** A request, and what it leads to. */
interface Matched extends Pick<RoutedRequest, 'request' | 'stage' | 'path'> {
  readonly tooLarge: boolean;
  readonly route: RouteMatch<MethodDefinition> | undefined;
}

/** A REST API: finds the method of a request, lets it in or not, and answers by the method's integration. */
export class RestApi {
  readonly #options: RestApiOptions;
  readonly #authorizers: ReadonlyMap<string, Authorizer>;
  readonly #usagePlans: UsagePlans;
  readonly #throttles = new Throttles();

  constructor(options: RestApiOptions) {
    this.#options = options;
    const { api, resources, invoker } = options;
    this.#authorizers = new Map(
      [...api.authorizers].map(([id, properties]) => [id, new Authorizer(id, properties, invoker)]),
    );
    this.#usagePlans = new UsagePlans(api, resources);
  }

  /** @param tooLarge whether the body was larger than API Gateway takes */
  async answer(request: GatewayRequest, tooLarge: boolean): Promise<GatewayAnswer> {
    const { api } = this.#options;
    const { stage, path } = stageOf(api, request.path);
    const route = matchRoute(api.root, path);
    const context = requestContext({ api, stage, request }, route);
    const startedAt = performance.now();
    const course: Course = {};
    const answer = await this.#answer({ request, tooLarge, stage, path, route }, context, course);
    const answered = { ...course, answer, milliseconds: performance.now() - startedAt };
    this.#options.logAccess?.(accessContext(context, answered));
    return answer;
  }

  async #answer(
    { request, tooLarge, stage, path, route }: Matched,
    context: JsonObject,
    course: Course,
  ): Promise<GatewayAnswer> {
    const { api } = this.#options;
    try {
      if (tooLarge) {
        const text = `HTTP content length exceeded ${MAX_BODY_BYTES} bytes.`;
        throw new GatewayError('REQUEST_TOO_LARGE', text, text);
      }
      const method = methodOf(route, request.method);
      if (route === undefined || method === undefined)
        throw new GatewayError('MISSING_AUTHENTICATION_TOKEN', 'there is no such method');
      return await this.#serve({ api, stage, request, path, route, method }, context, course);
    } catch (error) {
      const refusal = asGatewayError(error);
      course.error = refusal.kind;
      this.#options.log(`${request.id} ${refusal.kind}: ${refusal.message}`);
      return gatewayResponse(refusal, api.responses, { request, context, stageVariables: stage.variables });
    }
  }

  /** Name of the stage that a path is for. */
  stageOf(path: string): string {
    return stageOf(this.#options.api, path).stage.name;
  }

  async #serve(routed: RoutedRequest, context: JsonObject, course: Course): Promise<GatewayAnswer> {
    const { method, request, route, stage, api } = routed;
    const startedAt = performance.now();
    const authorized = await this.#admit(routed, context);
    if (authorized !== undefined) course.authorizerMilliseconds = performance.now() - startedAt;
    if (authorized !== undefined) context['authorizer'] = authorized.context;
    if (method.apiKeyRequired) {
      const key =
        api.keySource === 'HEADER' ? headerOf(request, 'x-api-key') : authorized?.usageIdentifierKey;
      const keyId = this.#usagePlans.admit(key, stage.name, route.node.path, request.method);
      Object.assign(context['identity'] ?? {}, { apiKey: key, apiKeyId: keyId });
    }
    const { name, ...limits } = stageLimits(stage, route.node.path, request.method);
    this.#throttles.take(name, limits);
    const integratedAt = performance.now();
    try {
      return await integrate(routed, context, this.#options.invoker);
    } finally {
      course.integrationMilliseconds = performance.now() - integratedAt;
    }
  }

  async #admit(routed: RoutedRequest, context: JsonObject) {
    const { admission } = routed.method;
    if (admission === 'anybody') return undefined;
    const authorizer = admission === 'nobody' ? undefined : this.#authorizers.get(admission.authorizerId);
    if (authorizer !== undefined) return authorizer.authorize(routed, context);
    throw new GatewayError('AUTHORIZER_CONFIGURATION_ERROR', 'its authorization is not imitated');
  }
}

/**
 * The stage a request is for, and the path below it: `/stage/…`, or the first stage, which is at the root too, as
 * behind a domain of its own.
 */
function stageOf(api: ApiDefinition, path: string): { stage: StageDefinition; path: string } {
  const [, first, rest = ''] = /^\/([^/]*)(\/.*)?$/s.exec(path) ?? [];
  const named = api.stages.find(({ name }) => name === first);
  if (named !== undefined) return { stage: named, path: rest === '' ? '/' : rest };
  const [stage = { name: '', variables: {}, settings: [] }] = api.stages;
  return { stage, path };
}

function methodOf(
  route: RouteMatch<MethodDefinition> | undefined,
  method: string,
): MethodDefinition | undefined {
  return route?.node.methods.get(method) ?? route?.node.methods.get('ANY');
}

function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new GatewayError('API_CONFIGURATION_ERROR', reason);
}
