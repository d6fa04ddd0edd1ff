import * as z from 'zod';

const name = z.string().min(1);
/** Signatures that are made with a private key; any other would let whoever reads the public one sign. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA'] as const;

/** The environment variables of the authorizer. Those of an identity provider are all set, or none. */
export const authorizerEnvironmentSchema = z
  .object({
    ACCESS_TABLE: name,
    METRICS_NAMESPACE: name,
    /** Value of the API key of the usage plan. Callers cannot send it, so it is no secret. */
    USAGE_KEY: z.string().min(20).max(128),
    /** What a token may call that says nothing of its own. */
    REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).max(1_000_000),
    OIDC_ISSUER: z.url().exactOptional(),
    OIDC_AUDIENCE: name.exactOptional(),
    /** Where the issuer publishes its keys (JWKS). */
    OIDC_KEYS_URL: z.url().exactOptional(),
    OIDC_TENANT_CLAIM: name.default('tenant'),
    OIDC_SCOPE_CLAIM: name.default('scope'),
    /** What the issuer writes before `read`, `write` and `admin`, such as `creative-dynamics/`. */
    OIDC_SCOPE_PREFIX: z.string().default(''),
    OIDC_ALGORITHMS: z
      .string()
      .default('RS256 ES256')
      .transform((text) => text.split(/[ ,]+/))
      .pipe(z.array(z.enum(ALGORITHMS)).min(1)),
  })
  .refine(
    ({ OIDC_ISSUER, OIDC_AUDIENCE, OIDC_KEYS_URL }) =>
      new Set([OIDC_ISSUER, OIDC_AUDIENCE, OIDC_KEYS_URL].map((value) => value === undefined)).size === 1,
    'OIDC_ISSUER, OIDC_AUDIENCE and OIDC_KEYS_URL belong together',
  );

/** The variables as a stack sets them. */
export type AuthorizerVariables = Readonly<
  Record<'ACCESS_TABLE' | 'METRICS_NAMESPACE' | 'USAGE_KEY' | 'REQUESTS_PER_MINUTE', string> &
    Partial<Record<keyof AuthorizerEnvironment, string>>
>;

export type AuthorizerEnvironment = z.infer<typeof authorizerEnvironmentSchema>;
