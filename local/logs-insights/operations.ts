import { statSync } from 'node:fs';
import { z } from 'zod';
import { AwsError } from '../auth/errors.ts';
import { eventsOf, fileOf } from './events.ts';
import { readFilterPattern } from './filter-pattern.ts';
import { type LogGroup, type LogGroups, logGroupArn } from './groups.ts';
import type { Queries } from './queries.ts';
import { compile } from './query/compile.ts';

export interface LogsOperations {
  readonly groups: LogGroups;
  readonly queries: Queries;
  /** Where the logs of the local cloud lie. */
  readonly directory: string;
}

type Output = Readonly<Record<string, unknown>>;

const MAX_EVENTS = 10_000;
const MAX_GROUPS = 50;

/** @throws AwsError 400 when it has not the form */
function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AwsError(400, 'InvalidParameterException', z.prettifyError(parsed.error));
}

const groupsSchema = z.looseObject({
  logGroupNamePrefix: z.string().optional(),
  logGroupNamePattern: z.string().optional(),
});

/** `DescribeLogGroups`, all in one page. */
export function describeLogGroups({ groups, directory }: LogsOperations, input: unknown): Output {
  const { logGroupNamePrefix: prefix = '', logGroupNamePattern: part = '' } = parse(groupsSchema, input);
  const found = groups
    .list()
    .filter(({ name }) => name.startsWith(prefix) && name.toLowerCase().includes(part.toLowerCase()));
  return {
    logGroups: found.map((group) => {
      const file = fileOf(directory, group);
      return {
        logGroupName: group.name,
        arn: `${logGroupArn(group.name)}:*`,
        logGroupArn: logGroupArn(group.name),
        logGroupClass: 'STANDARD',
        metricFilterCount: 0,
        retentionInDays: group.retentionDays,
        storedBytes: file === undefined ? 0 : statSync(file).size,
      };
    }),
  };
}

/** Fields by which every operation on one group names it. */
const namedSchema = z.looseObject({
  logGroupName: z.string().optional(),
  logGroupIdentifier: z.string().optional(),
});

function groupOf(
  groups: LogGroups,
  { logGroupName, logGroupIdentifier }: z.infer<typeof namedSchema>,
): LogGroup {
  const name = logGroupIdentifier ?? logGroupName;
  if (name !== undefined) return groups.find(name);
  throw new AwsError(400, 'InvalidParameterException', 'A log group must be given.');
}

/** `DescribeLogStreams`: the one of a group that was written to, under the name of what writes it. */
export function describeLogStreams({ groups, directory }: LogsOperations, input: unknown): Output {
  const group = groupOf(groups, parse(namedSchema, input));
  const file = fileOf(directory, group);
  if (file === undefined) return { logStreams: [] };
  const { birthtimeMs, mtimeMs } = statSync(file);
  const stream = {
    logStreamName: group.stream,
    arn: `${logGroupArn(group.name)}:log-stream:${group.stream}`,
    creationTime: Math.floor(birthtimeMs),
    lastEventTimestamp: Math.floor(mtimeMs),
    lastIngestionTime: Math.floor(mtimeMs),
    storedBytes: 0,
  };
  return { logStreams: [stream] };
}

const filterSchema = namedSchema.extend({
  logStreamNames: z.array(z.string()).optional(),
  logStreamNamePrefix: z.string().default(''),
  startTime: z.number().default(0),
  endTime: z.number().default(Number.MAX_SAFE_INTEGER),
  filterPattern: z.string().default(''),
  limit: z.number().int().min(1).max(MAX_EVENTS).default(MAX_EVENTS),
  nextToken: z.string().regex(/^\d+$/).default('0'),
});

/** `FilterLogEvents`: a page of events, the oldest first. */
export async function filterLogEvents(
  { groups, directory }: LogsOperations,
  input: unknown,
): Promise<Output> {
  const { startTime: from, endTime: to, limit, ...asked } = parse(filterSchema, input);
  const group = groupOf(groups, asked);
  const matches = readFilterPattern(asked.filterPattern);
  if (
    !group.stream.startsWith(asked.logStreamNamePrefix) ||
    asked.logStreamNames?.includes(group.stream) === false
  )
    return { events: [], searchedLogStreams: [] };
  const first = Number(asked.nextToken);
  const events: Output[] = [];
  let count = 0;
  for await (const { time, message, pointer } of eventsOf(directory, group, { from, to })) {
    if (!matches(message)) continue;
    count += 1;
    if (count <= first) continue;
    if (events.length === limit) return { events, nextToken: String(first + limit), searchedLogStreams: [] };
    const { stream: logStreamName } = group;
    events.push({ eventId: pointer, ingestionTime: time, logStreamName, message, timestamp: time });
  }
  return { events, searchedLogStreams: [] };
}

const startSchema = z.looseObject({
  queryString: z.string(),
  startTime: z.number().nonnegative(),
  endTime: z.number().nonnegative(),
  limit: z.number().int().min(1).max(MAX_EVENTS).optional(),
  logGroupName: z.string().optional(),
  logGroupNames: z.array(z.string()).max(MAX_GROUPS).default([]),
  logGroupIdentifiers: z.array(z.string()).max(MAX_GROUPS).default([]),
  queryLanguage: z.enum(['CWLI']).default('CWLI'),
});

/** The groups that a query is asked of. */
export function queriedGroups({ groups }: LogsOperations, input: unknown): LogGroup[] {
  const { logGroupName, logGroupNames, logGroupIdentifiers } = parse(startSchema, input);
  const names = [
    ...(logGroupName === undefined ? [] : [logGroupName]),
    ...logGroupNames,
    ...logGroupIdentifiers,
  ];
  if (names.length === 0) throw new AwsError(400, 'InvalidParameterException', 'A log group must be given.');
  return [...new Set(names.map((name) => groups.find(name)))];
}

/** `StartQuery`: times are in seconds. */
export function startQuery(operations: LogsOperations, input: unknown): Output {
  const { queryString, startTime, endTime, limit } = parse(startSchema, input);
  if (endTime < startTime)
    throw new AwsError(400, 'InvalidParameterException', 'The end time is before the start time.');
  const query = compile(queryString, limit);
  const groups = queriedGroups(operations, input);
  return {
    queryId: operations.queries.start({ query, groups, from: startTime * 1000, to: endTime * 1000 + 999 }),
  };
}

const idSchema = z.looseObject({ queryId: z.string() });

/** `GetQueryResults`. */
export function getQueryResults({ queries }: LogsOperations, input: unknown): Output {
  const { status, results, statistics } = queries.get(parse(idSchema, input).queryId);
  return { queryLanguage: 'CWLI', status, results, statistics };
}

/** `StopQuery`. @throws AwsError when it has ended */
export function stopQuery({ queries }: LogsOperations, input: unknown): Output {
  const { queryId } = parse(idSchema, input);
  if (queries.stop(queryId)) return { success: true };
  throw new AwsError(400, 'InvalidParameterException', `Query ${queryId} is not running.`);
}
