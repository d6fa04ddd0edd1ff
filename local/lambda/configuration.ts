import { join } from 'node:path';
import { z } from 'zod';
import { ACCOUNT, REGION } from '../account.ts';
import type { DeployedResource } from '../assembly/deployment.ts';
import type { Assembly } from '../assembly/read.ts';
import type { Principal } from '../auth/credentials.ts';

/** A function of the template, as far as running it goes. */
export interface FunctionConfiguration {
  readonly name: string;
  readonly arn: string;
  /** Name of its role. */
  readonly role: string;
  readonly handler: string;
  /** Directory of its code. */
  readonly taskRoot: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  /** Most environments at a time; undefined is as many as the account has. */
  readonly reservedConcurrency: number | undefined;
  readonly variables: Readonly<Record<string, string>>;
  /** Whether Lambda's own lines in its log are JSON. */
  readonly logsJson?: boolean;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const propertiesSchema = z.looseObject({
  Code: z.looseObject({ S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string().regex(/^nodejs/, 'only Node.js runtimes are imitated'),
  Role: z.string(),
  MemorySize: z.coerce.number().default(128),
  Timeout: z.coerce.number().default(3),
  ReservedConcurrentExecutions: z.coerce.number().optional(),
  LoggingConfig: z.looseObject({ LogFormat: z.enum(['JSON', 'Text']).default('Text') }).optional(),
  Environment: z.looseObject({ Variables: z.record(z.string(), scalar).default({}) }).optional(),
});

/** Where Lambda's own runtime has Amazon's root certificates, for functions that load them. */
const RUNTIME_CERTIFICATES = '/var/runtime/ca-cert.pem';

/** Files of this machine that its functions use. */
export interface MachineFiles {
  /** Certificate that the servers show, which functions are to trust. */
  readonly certificateFile: string;
  /** Directory of compiled code: each environment would compile again what others have, a third of its start. */
  readonly compileCache: string;
}

/**
 * @throws Error naming the function when it cannot run here, because of its runtime or its code's packaging
 */
export function functionConfiguration(
  resource: DeployedResource,
  { assets }: Assembly,
  files: MachineFiles,
): FunctionConfiguration {
  const { logicalId, identity } = resource;
  const parsed = propertiesSchema.safeParse(resource.properties);
  if (!parsed.success) throw new Error(`${logicalId}: ${z.prettifyError(parsed.error)}`);
  const { Code, Handler, Role, MemorySize, Timeout, ReservedConcurrentExecutions, Environment } = parsed.data;
  const taskRoot = assets.get(Code.S3Key);
  if (taskRoot === undefined) throw new Error(`${logicalId}: the assembly has no asset ${Code.S3Key}.`);
  return {
    name: identity.name,
    arn: identity.attributes?.['Arn'] ?? '',
    role: Role.split('/').at(-1) ?? '',
    handler: Handler,
    taskRoot,
    memoryMegabytes: MemorySize,
    timeoutSeconds: Timeout,
    reservedConcurrency: ReservedConcurrentExecutions,
    variables: onThisMachine(files, Environment?.Variables ?? {}),
    logsJson: parsed.data.LoggingConfig?.LogFormat === 'JSON',
  };
}

function onThisMachine(
  { certificateFile, compileCache }: MachineFiles,
  variables: Readonly<Record<string, string>>,
): Record<string, string> {
  const here = Object.entries(variables).map(([name, value]): [string, string] => [
    name,
    value === RUNTIME_CERTIFICATES ? certificateFile : value,
  ]);
  return {
    ...Object.fromEntries(here),
    NODE_EXTRA_CA_CERTS: certificateFile,
    NODE_COMPILE_CACHE: compileCache,
  };
}

export interface EnvironmentSettings {
  readonly endpoint: string;
  readonly principal: Principal;
  readonly runtimeApi: string;
  readonly temporaryDirectory: string;
}

/**
 * Environment variables of an execution environment: the template's, and what Lambda adds. Nothing of this process's
 * own environment is handed on, so that a variable the template forgot is missing here too.
 */
export function environmentVariables(
  configuration: FunctionConfiguration,
  { endpoint, principal, runtimeApi, temporaryDirectory }: EnvironmentSettings,
): Record<string, string> {
  return {
    ...configuration.variables,
    _HANDLER: configuration.handler,
    AWS_ACCESS_KEY_ID: principal.accessKeyId,
    AWS_SECRET_ACCESS_KEY: principal.secretAccessKey,
    ...(principal.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: principal.sessionToken }),
    AWS_DEFAULT_REGION: REGION,
    AWS_REGION: REGION,
    // Every service, so that a call of one that is not imitated is refused here and never reaches AWS.
    AWS_ENDPOINT_URL: endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_NAME: configuration.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${configuration.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `local/${ACCOUNT}`,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: configuration.taskRoot,
    LANG: 'en_US.UTF-8',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    TMPDIR: temporaryDirectory,
    TZ: ':UTC',
  };
}

/** Arguments of the Node process that runs a function. */
export function nodeArguments({ memoryMegabytes }: FunctionConfiguration): string[] {
  // The heap is the larger part of a function's memory, but not all; the rest is watched from outside.
  const heap = Math.floor(memoryMegabytes * 0.9);
  return [`--max-old-space-size=${heap}`, join(import.meta.dirname, 'bootstrap.ts')];
}
