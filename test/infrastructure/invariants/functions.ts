import { type Assembly, asList, at, flatten, type LocatedResource, resources, target } from '../template.ts';

const FUNCTION = 'AWS::Lambda::Function';

function functions(assembly: Assembly): LocatedResource[] {
  return resources(assembly, FUNCTION);
}

/** Every function runs on the current Node and arm64, says how long and with how much memory, and is traced. */
export function functionsAreModern(assembly: Assembly): string[] {
  return functions(assembly).flatMap(({ where, resource }) => {
    const property = (...path: (string | number)[]) => at(resource.Properties, ...path);
    const findings: string[] = [];
    if (property('Runtime') !== 'nodejs24.x') findings.push(`${where} runs on ${property('Runtime')}`);
    if (property('Architectures', 0) !== 'arm64') findings.push(`${where} is not for arm64`);
    if (property('TracingConfig', 'Mode') !== 'Active') findings.push(`${where} is not traced`);
    for (const name of ['Timeout', 'MemorySize', 'Description']) {
      if (property(name) === undefined) findings.push(`${where} does not say its ${name}`);
    }
    return findings;
  });
}

/** Every function writes into a log group of its own that forgets. */
export function functionsForgetLogs(assembly: Assembly): string[] {
  const seen = new Set<string>();
  return functions(assembly).flatMap(({ stack, where, resource }) => {
    const log = target(at(resource.Properties, 'LoggingConfig', 'LogGroup')) ?? '';
    const group = stack.template.Resources[log];
    const findings: string[] = [];
    if (group?.Type !== 'AWS::Logs::LogGroup') findings.push(`${where} has no log group of its own`);
    else if (at(group.Properties, 'RetentionInDays') === undefined) findings.push(`${where} logs for ever`);
    if (seen.has(`${stack.id}/${log}`)) findings.push(`${where} shares its log group`);
    seen.add(`${stack.id}/${log}`);
    return findings;
  });
}

/** Every function has a role of its own, without a policy that AWS manages. */
export function functionsHaveOwnRoles(assembly: Assembly): string[] {
  const seen = new Set<string>();
  return functions(assembly).flatMap(({ stack, where, resource }) => {
    const id = target(at(resource.Properties, 'Role')) ?? '';
    const role = stack.template.Resources[id];
    const findings: string[] = [];
    if (role?.Type !== 'AWS::IAM::Role') findings.push(`${where} has no role of its own`);
    if (asList(at(role?.Properties ?? {}, 'ManagedPolicyArns')).length > 0)
      findings.push(`${where} has a managed policy`);
    if (seen.has(`${stack.id}/${id}`)) findings.push(`${where} shares its role`);
    seen.add(`${stack.id}/${id}`);
    return findings;
  });
}

/**
 * No function takes concurrency from the rest of the account but those that callers wait for. A fresh account, in which
 * data may as well be lost, has little more than the 100 that must stay unreserved; and a cap on the event source protects
 * what is behind a worker just as well.
 */
export function onlyCallersReserve(assembly: Assembly): string[] {
  return functions(assembly)
    .filter(({ resource }) => at(resource.Properties, 'ReservedConcurrentExecutions') !== undefined)
    .filter(({ stack }) => stack.id !== 'Api' || !assembly.keepsData)
    .map(({ where }) => `${where} reserves concurrency`);
}

/**
 * Every event source hides a message for at least six times the function's time-out, wherever the two are defined, takes
 * what is there at once, is capped, and lets a batch fail in part.
 */
export function eventSourcesKeepMessages(assembly: Assembly): string[] {
  return resources(assembly, 'AWS::Lambda::EventSourceMapping').flatMap((mapping) => {
    const { where, resource } = mapping;
    const property = (...path: (string | number)[]) => at(resource.Properties, ...path);
    const queue = referred(assembly, mapping, 'EventSourceArn');
    const consumer = referred(assembly, mapping, 'FunctionName');
    const findings: string[] = [];
    if (queue?.Type !== 'AWS::SQS::Queue' || consumer?.Type !== FUNCTION) return [`${where} joins nothing`];
    const visibility = Number(at(queue.Properties, 'VisibilityTimeout') ?? 30);
    const window = Number(property('MaximumBatchingWindowInSeconds') ?? 0);
    if (visibility < 6 * Number(at(consumer.Properties, 'Timeout') ?? 3) + window)
      findings.push(`${where} shows messages again while they are handled`);
    if (window > 0) findings.push(`${where} waits for a batch`);
    if (!asList(property('FunctionResponseTypes')).includes('ReportBatchItemFailures'))
      findings.push(`${where} repeats whole batches`);
    const cap =
      property('ScalingConfig', 'MaximumConcurrency') ??
      property('ProvisionedPollerConfig', 'MaximumPollers');
    if (cap === undefined) findings.push(`${where} has no cap`);
    return findings;
  });
}

/** The resource that a property names, in the same stack or in another one through its outputs. */
function referred(assembly: Assembly, { stack, resource }: LocatedResource, name: string) {
  const value = at(resource.Properties, name);
  const local = stack.template.Resources[target(value) ?? ''];
  if (local !== undefined) return local;
  const [, stackName, output] = flatten(value).match(/^\$\{([^.]+)\.(.+)\}$/) ?? [];
  const owner = assembly.stacks.find((candidate) => candidate.stackName === stackName);
  return owner?.template.Resources[target(owner.template.Outputs[output ?? '']?.Value) ?? ''];
}
