import { z } from 'zod';

/** Properties of API Gateway's resource types, as far as they are acted on. Numbers may come as text of parameters. */

const texts = z.record(z.string(), z.string());
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

export const restApiSchema = z.looseObject({
  ApiKeySourceType: z.enum(['HEADER', 'AUTHORIZER']).default('HEADER'),
  BinaryMediaTypes: z.array(z.string()).default([]),
  MinimumCompressionSize: z.coerce.number().optional(),
});

export const resourceSchema = z.looseObject({
  RestApiId: z.string(),
  ParentId: z.string(),
  PathPart: z.string(),
});

const integrationSchema = z.looseObject({
  Type: z.string(),
  Uri: z.string().optional(),
  Credentials: z.string().optional(),
  TimeoutInMillis: z.coerce.number().default(29_000),
  RequestTemplates: texts.default({}),
  IntegrationResponses: z
    .array(
      z.looseObject({
        StatusCode: z.coerce.number(),
        SelectionPattern: z.string().optional(),
        ResponseParameters: texts.default({}),
        ResponseTemplates: texts.default({}),
      }),
    )
    .default([]),
});

export type Integration = z.infer<typeof integrationSchema>;

export const methodSchema = z.looseObject({
  RestApiId: z.string(),
  ResourceId: z.string(),
  HttpMethod: z.string(),
  AuthorizationType: z.string().default('NONE'),
  AuthorizerId: z.string().optional(),
  ApiKeyRequired: flag.default(false),
  Integration: integrationSchema.optional(),
});

export const authorizerSchema = z.looseObject({
  RestApiId: z.string(),
  Type: z.string(),
  AuthorizerUri: z.string().optional(),
  AuthorizerCredentials: z.string().optional(),
  AuthorizerResultTtlInSeconds: z.coerce.number().default(300),
  IdentitySource: z.string().optional(),
  IdentityValidationExpression: z.string().optional(),
});

export type AuthorizerProperties = z.infer<typeof authorizerSchema>;

export const stageSchema = z.looseObject({
  RestApiId: z.string(),
  StageName: z.string(),
  Variables: texts.optional(),
  MethodSettings: z
    .array(
      z.looseObject({
        HttpMethod: z.string().default('*'),
        ResourcePath: z.string().default('/*'),
        ThrottlingRateLimit: z.coerce.number().optional(),
        ThrottlingBurstLimit: z.coerce.number().optional(),
      }),
    )
    .default([]),
});

export const gatewayResponseSchema = z.looseObject({
  RestApiId: z.string(),
  ResponseType: z.string(),
  StatusCode: z.coerce.number().optional(),
  ResponseParameters: texts.default({}),
  ResponseTemplates: texts.default({}),
});

export type GatewayResponse = z.infer<typeof gatewayResponseSchema>;

const throttleSchema = z.looseObject({
  RateLimit: z.coerce.number().optional(),
  BurstLimit: z.coerce.number().optional(),
});

export const usagePlanSchema = z.looseObject({
  ApiStages: z
    .array(
      z.looseObject({
        ApiId: z.string(),
        Stage: z.string(),
        Throttle: z.record(z.string(), throttleSchema).default({}),
      }),
    )
    .default([]),
  Throttle: throttleSchema.default({}),
});

export const apiKeySchema = z.looseObject({
  Enabled: flag.default(false),
  Value: z.string().optional(),
});

export const usagePlanKeySchema = z.looseObject({ KeyId: z.string(), UsagePlanId: z.string() });
