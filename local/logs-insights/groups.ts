import { arn } from '../account.ts';
import type { DeployedResource } from '../assembly/deployment.ts';
import { isJsonObject, type Json } from '../assembly/json.ts';
import { AwsError } from '../auth/errors.ts';
import { ACCESS_LOG_SOURCE } from '../gateway/access-log.ts';

/** A log group, whose one stream is a file. */
export interface LogGroup {
  readonly name: string;
  /** Name of the stream: what writes it. */
  readonly stream: string;
  /** Source of the local cloud's logs that it is; undefined when nobody here writes to it. */
  readonly source: string | undefined;
  /** Days that AWS would keep it. */
  readonly retentionDays: number | undefined;
}

/** The log groups of the templates, and those that functions without one make, by name. */
export class LogGroups {
  readonly #groups: ReadonlyMap<string, LogGroup>;

  constructor(resources: readonly DeployedResource[]) {
    const groups = new Map<string, LogGroup>();
    const sources = new Map(resources.flatMap((resource) => sourceOf(resource)));
    for (const { type, identity, properties } of resources) {
      if (type !== 'AWS::Logs::LogGroup') continue;
      const days = properties['RetentionInDays'];
      const source = sources.get(identity.name) ?? serviceOf(identity.name);
      const retentionDays = days === undefined ? undefined : Number(days);
      groups.set(identity.name, { name: identity.name, stream: source ?? 'none', source, retentionDays });
    }
    for (const [name, source] of sources)
      if (!groups.has(name)) groups.set(name, { name, stream: source, source, retentionDays: undefined });
    this.#groups = groups;
  }

  list(): LogGroup[] {
    return [...this.#groups.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** @throws AwsError when there is no group of that name or ARN */
  find(nameOrArn: string): LogGroup {
    const name = nameOrArn.startsWith('arn:') ? (nameOrArn.split(':')[6] ?? '') : nameOrArn;
    const group = this.#groups.get(name);
    if (group !== undefined) return group;
    throw new AwsError(400, 'ResourceNotFoundException', 'The specified log group does not exist.');
  }
}

export function logGroupArn(name: string): string {
  return arn('logs', `log-group:${name}`);
}

/** The group that a resource writes to, and the source of logs that it writes here. */
function sourceOf({ type, identity, properties }: DeployedResource): [group: string, source: string][] {
  if (type === 'AWS::Lambda::Function') {
    const group = member(properties['LoggingConfig'], 'LogGroup') ?? `/aws/lambda/${identity.name}`;
    return [[group, identity.name]];
  }
  const destination =
    type === 'AWS::ApiGateway::Stage' ? member(properties['AccessLogSetting'], 'DestinationArn') : undefined;
  return destination === undefined ? [] : [[destination.split(':')[6] ?? '', ACCESS_LOG_SOURCE]];
}

/** What groups are called that services of AWS write to. */
function serviceOf(name: string): string | undefined {
  if (name.startsWith('API-Gateway-Execution-Logs_')) return 'api';
  return /^\/aws\/rds\/cluster\/[^/]+\/postgresql$/.test(name) ? 'database' : undefined;
}

function member(value: Json | undefined, name: string): string | undefined {
  const found = isJsonObject(value) ? value[name] : undefined;
  return typeof found === 'string' ? found : undefined;
}
