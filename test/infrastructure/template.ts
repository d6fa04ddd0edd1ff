import { z } from 'zod';

export type Json = z.infer<ReturnType<typeof z.json>>;

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.json()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  UpdatePolicy: z.json().optional(),
  DependsOn: z.union([z.string(), z.array(z.string())]).optional(),
});

export const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.object({ Value: z.json(), Export: z.json().optional() })).default({}),
});

export type Resource = z.infer<typeof resourceSchema>;

export interface StackTemplate {
  /** Id of the stack in the app, such as `Storage`. */
  readonly id: string;
  readonly stackName: string;
  readonly environment: string;
  readonly terminationProtection: boolean;
  /** Ids of the stacks that are deployed before this one. */
  dependsOn: string[];
  /** The template as it was written. */
  readonly text: string;
  readonly template: z.infer<typeof templateSchema>;
}

/** Types of what would be lost, or be empty, if it were replaced. */
export const HOLDING_DATA = [
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::ElastiCache::ServerlessCache',
  'AWS::RDS::DBCluster',
  'AWS::S3::Bucket',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
];

/** All stacks of one stage, as they would be deployed. */
export interface Assembly {
  readonly keepsData: boolean;
  /** Where the templates and their manifest were written; gone when the tests are done. */
  readonly directory: string;
  stacks: StackTemplate[];
}

export interface LocatedResource {
  readonly stack: StackTemplate;
  readonly logicalId: string;
  /** `Stack/LogicalId`, to name it in a finding. */
  readonly where: string;
  readonly resource: Resource;
}

export function resources(assembly: Assembly, ...types: string[]): LocatedResource[] {
  return assembly.stacks.flatMap((stack) =>
    Object.entries(stack.template.Resources)
      .filter(([, resource]) => types.length === 0 || types.includes(resource.Type))
      .map(([logicalId, resource]) => ({ stack, logicalId, where: `${stack.id}/${logicalId}`, resource })),
  );
}

/** The value at a path of keys and indices, undefined where the path ends early. */
export function at(value: Json | undefined, ...path: (string | number)[]): Json | undefined {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    if (Array.isArray(current)) current = typeof step === 'number' ? current[step] : undefined;
    else current = current[step];
  }
  return current;
}

export function asList(value: Json | undefined): Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** Logical id a `Ref` or `Fn::GetAtt` of the same template points at. */
export function target(value: Json | undefined): string | undefined {
  const reference = at(value, 'Ref') ?? at(value, 'Fn::GetAtt', 0);
  return typeof reference === 'string' ? reference : undefined;
}

/** An ARN or name as one readable string, references in `${}`. */
export function flatten(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  const joined = at(value, 'Fn::Join', 1);
  if (joined !== undefined) return asList(joined).map(flatten).join('');
  const stackOutput = at(value, 'Fn::GetStackOutput');
  if (stackOutput !== undefined)
    return `\${${at(stackOutput, 'StackName')}.${at(stackOutput, 'OutputName')}}`;
  return `\${${target(value) ?? JSON.stringify(value)}}`;
}

/** Under which names another stack refers to a resource, or to one of its attributes. */
export function published({ stack, logicalId }: LocatedResource, attribute: string | null): string[] {
  const reads = (value: Json) =>
    attribute === null
      ? at(value, 'Ref') === logicalId
      : at(value, 'Fn::GetAtt', 0) === logicalId && at(value, 'Fn::GetAtt', 1) === attribute;
  return Object.entries(stack.template.Outputs)
    .filter(([name, { Value }]) => name.startsWith('PublishOutput') && reads(Value))
    .map(([name]) => `\${${stack.stackName}.${name}}`);
}
