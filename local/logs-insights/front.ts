import type { DeployedResource } from '../assembly/deployment.ts';
import { AwsError } from '../auth/errors.ts';
import { parseJsonBody, type Service } from '../front/server.ts';
import type { Authoriser } from '../iam/authoriser.ts';
import type { Logs } from '../logs.ts';
import { LogGroups, logGroupArn } from './groups.ts';
import {
  describeLogGroups,
  describeLogStreams,
  filterLogEvents,
  getQueryResults,
  type LogsOperations,
  queriedGroups,
  startQuery,
  stopQuery,
} from './operations.ts';
import { Queries } from './queries.ts';

const TARGET = /^Logs_20140328\.(\w+)$/;

type Operation = (operations: LogsOperations, input: unknown) => Readonly<Record<string, unknown>>;

const OPERATIONS: Readonly<Record<string, Operation | ((...of: Parameters<Operation>) => Promise<object>)>> =
  {
    DescribeLogGroups: describeLogGroups,
    DescribeLogStreams: describeLogStreams,
    FilterLogEvents: filterLogEvents,
    GetQueryResults: getQueryResults,
    StartQuery: startQuery,
    StopQuery: stopQuery,
  };

/** Names of the operations that are imitated. */
export const LOGS_OPERATIONS: readonly string[] = Object.keys(OPERATIONS);

/** What CloudWatch Logs needs of a local cloud. */
export interface LogsFrontOptions {
  readonly resources: readonly DeployedResource[];
  readonly logs: Logs;
  readonly authoriser: Authoriser;
}

/** CloudWatch Logs behind the signature and the authoriser, over the files that logs are: read only. */
export function logsFront({ resources, logs, authoriser }: LogsFrontOptions): Service {
  const { directory } = logs;
  const queries = new Queries(directory, logs.of('local-cloud'));
  const operations: LogsOperations = { groups: new LogGroups(resources), queries, directory };
  return async ({ incoming, body, authentication }, response) => {
    const [, name = ''] = TARGET.exec(String(incoming.headers['x-amz-target'] ?? '')) ?? [];
    const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
    if (operation === undefined)
      throw new AwsError(501, 'NotImplemented', `${name} of CloudWatch Logs is not imitated.`);
    const input = parseJsonBody(body);
    for (const resource of resourcesOf(name, operations, input))
      await authoriser.authorise(authentication.principal, { action: `logs:${name}`, resource });
    const output = await operation(operations, input);
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(output));
  };
}

/** ARNs of what an operation is authorised for. */
function resourcesOf(
  name: string,
  operations: LogsOperations,
  input: Readonly<Record<string, unknown>>,
): string[] {
  if (name === 'StartQuery') return queriedGroups(operations, input).map((group) => logGroupArn(group.name));
  const { logGroupIdentifier, logGroupName } = input;
  const group = logGroupIdentifier ?? logGroupName;
  return [typeof group === 'string' ? logGroupArn(operations.groups.find(group).name) : '*'];
}
