import { z } from 'zod';
import type { DeployedResource } from '../assembly/deployment.ts';
import { addRoute, type RouteNode, routeNode } from './route-tree.ts';
import {
  type AuthorizerProperties,
  authorizerSchema,
  type GatewayResponse,
  gatewayResponseSchema,
  type Integration,
  methodSchema,
  resourceSchema,
  restApiSchema,
  stageSchema,
} from './schema.ts';

export interface MethodDefinition {
  /** Who may call it: anybody, whom its authorizer lets, or nobody, where the template asks for what is not imitated. */
  readonly admission: 'anybody' | 'nobody' | { readonly authorizerId: string };
  readonly apiKeyRequired: boolean;
  readonly integration: Integration | undefined;
}

export type StageDefinition = {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly settings: z.infer<typeof stageSchema>['MethodSettings'];
};

/** A REST API of the templates. */
export interface ApiDefinition {
  readonly id: string;
  readonly keySource: 'HEADER' | 'AUTHORIZER';
  readonly binaryMediaTypes: readonly string[];
  /** Bytes from which an answer is compressed; undefined is never. */
  readonly minimumCompressionSize: number | undefined;
  readonly root: RouteNode<MethodDefinition>;
  readonly stages: readonly StageDefinition[];
  readonly authorizers: ReadonlyMap<string, AuthorizerProperties>;
  /** By response type. */
  readonly responses: ReadonlyMap<string, GatewayResponse>;
  /** What of it is not imitated, one line each. */
  readonly notImitated: readonly string[];
}

const IMITATED_INTEGRATIONS = ['AWS_PROXY', 'MOCK'];

/**
 * Reads an API from the resources that refer to it.
 *
 * @throws Error naming the resource whose properties are not of their type's form
 */
export function readApi(restApi: DeployedResource, all: readonly DeployedResource[]): ApiDefinition {
  const id = restApi.identity.ref;
  const { ApiKeySourceType, BinaryMediaTypes, MinimumCompressionSize } = parse(restApiSchema, restApi);
  const parts = all.filter(
    ({ type, properties }) => type.startsWith('AWS::ApiGateway::') && properties['RestApiId'] === id,
  );
  const { root, nodes } = readRoutes(restApi, parts);
  const notImitated: string[] = [];
  for (const resource of ofType(parts, 'Method')) notImitated.push(...addMethod(resource, nodes));
  const authorizers = ofType(parts, 'Authorizer').map((resource) => {
    return [resource.identity.ref, parse(authorizerSchema, resource)] as const;
  });
  const responses = ofType(parts, 'GatewayResponse').map((resource) =>
    parse(gatewayResponseSchema, resource),
  );
  return {
    id,
    keySource: ApiKeySourceType,
    binaryMediaTypes: BinaryMediaTypes,
    minimumCompressionSize: MinimumCompressionSize,
    root,
    stages: readStages(parts),
    authorizers: new Map(authorizers),
    responses: new Map(responses.map((response) => [response.ResponseType, response])),
    notImitated,
  };
}

/** The properties of a resource. @throws Error naming it when they are not of the schema's form */
export function parse<Schema extends z.ZodType>(schema: Schema, resource: DeployedResource): z.infer<Schema> {
  const parsed = schema.safeParse(resource.properties);
  if (parsed.success) return parsed.data;
  throw new Error(`${resource.logicalId}: ${z.prettifyError(parsed.error)}`);
}

export function ofType(resources: readonly DeployedResource[], type: string): DeployedResource[] {
  return resources.filter((resource) => resource.type === `AWS::ApiGateway::${type}`);
}

/** The tree of resources, and its nodes by resource id. */
function readRoutes(restApi: DeployedResource, parts: readonly DeployedResource[]) {
  const root = routeNode<MethodDefinition>('/');
  const nodes = new Map([[restApi.identity.attributes?.['RootResourceId'] ?? '', root]]);
  // A deployment has resources after those they refer to: parents first.
  for (const resource of ofType(parts, 'Resource')) {
    const { ParentId, PathPart } = parse(resourceSchema, resource);
    const parent = nodes.get(ParentId);
    if (parent === undefined) throw new Error(`${resource.logicalId}: there is no resource ${ParentId}.`);
    nodes.set(resource.identity.ref, addRoute(parent, PathPart));
  }
  return { root, nodes };
}

/** @returns what of the method is not imitated, one line each */
function addMethod(
  resource: DeployedResource,
  nodes: ReadonlyMap<string, RouteNode<MethodDefinition>>,
): string[] {
  const method = parse(methodSchema, resource);
  const node = nodes.get(method.ResourceId);
  if (node === undefined)
    throw new Error(`${resource.logicalId}: there is no resource ${method.ResourceId}.`);
  node.methods.set(method.HttpMethod, {
    admission: admissionOf(method),
    apiKeyRequired: method.ApiKeyRequired,
    integration: method.Integration,
  });
  const name = `${method.HttpMethod} ${node.path}`;
  return [
    ...(admissionOf(method) === 'nobody' ? [`${name}: authorization by ${method.AuthorizationType}`] : []),
    ...integrationGaps(method.Integration).map((gap) => `${name}: ${gap}`),
  ];
}

function admissionOf(method: z.infer<typeof methodSchema>): MethodDefinition['admission'] {
  if (method.AuthorizationType === 'NONE') return 'anybody';
  if (method.AuthorizationType !== 'CUSTOM' || method.AuthorizerId === undefined) return 'nobody';
  return { authorizerId: method.AuthorizerId };
}

function integrationGaps(integration: Integration | undefined): string[] {
  if (integration === undefined) return [];
  const { Type, IntegrationResponses } = integration;
  if (!IMITATED_INTEGRATIONS.includes(Type)) return [`its integration ${Type}`];
  const templates = IntegrationResponses.flatMap(({ ResponseTemplates }) => Object.values(ResponseTemplates));
  // Velocity's directives, and the variables it computes.
  return templates.some((template) => /#\w+|\$(?:input|util)\b/.test(template))
    ? ['the program in a template of its answer']
    : [];
}

/** Stages of their own, and those that come with a deployment. */
function readStages(parts: readonly DeployedResource[]): StageDefinition[] {
  const deployments = ofType(parts, 'Deployment').filter(({ properties }) => 'StageName' in properties);
  return [...ofType(parts, 'Stage'), ...deployments].map((resource) => {
    const { StageName, Variables, MethodSettings } = parse(stageSchema, resource);
    return { name: StageName, variables: Variables ?? {}, settings: MethodSettings };
  });
}
