import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { DeployedResource } from '../../local/assembly/deployment.ts';
import { Logs } from '../../local/logs.ts';
import { logsFront } from '../../local/logs-insights/front.ts';
import { compile } from '../../local/logs-insights/query/compile.ts';
import { eventually } from './eventually.ts';
import { logsOperation } from './signed-request.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { granting, serve, type Wire } from './wire.ts';

const SECOND = 1_000;
const START = Date.UTC(2026, 0, 31, 12);

const LINES: readonly (readonly [seconds: number, line: string])[] = [
  [0, JSON.stringify({ level: 'info', message: 'planned', work: { type: 'plan' }, seconds: 0.5, ok: true })],
  [61, JSON.stringify({ level: 'error', message: 'lost', error: { message: 'no such key' }, seconds: '12' })],
  [62, 'not JSON, and\n  a second line'],
  [400, JSON.stringify({ level: 'error', message: 'late', wrong: ['a', 'b'], seconds: 7, jobId: 'job_1' })],
];

const directory = temporaryDirectory();
let wire: Wire;
let logs: Logs;

function resource(type: string, logicalId: string, name: string, properties = {}): DeployedResource {
  const identity = { name, ref: name, attributes: {} };
  return { stackName: 'work', logicalId, type, identity, properties };
}

beforeAll(async () => {
  logs = new Logs(directory.path, () => undefined);
  const text = LINES.map(
    ([seconds, line]) => `${new Date(START + seconds * SECOND).toISOString()} ${line}\n`,
  );
  writeFileSync(join(directory.path, 'worker.log'), text.join(''));
  writeFileSync(join(directory.path, 'evil.log'), `${new Date(START).toISOString()} ${'a'.repeat(40)}!\n`);
  const resources = [
    resource('AWS::Logs::LogGroup', 'Log', 'work-Log-1', { RetentionInDays: 7 }),
    resource('AWS::Logs::LogGroup', 'Flow', 'work-Flow-1'),
    resource('AWS::Lambda::Function', 'Worker', 'worker', { LoggingConfig: { LogGroup: 'work-Log-1' } }),
    resource('AWS::Lambda::Function', 'Evil', 'evil'),
  ];
  const authoriser = granting({
    reader: [
      { Action: 'logs:StartQuery', Resource: 'arn:aws:logs:us-east-1:000000000000:log-group:work-Log-1' },
    ],
  });
  wire = await serve(directory.path, { logs: logsFront({ resources, logs, authoriser }) });
});
afterAll(async () => {
  await wire.close();
  await logs.close();
  directory.remove();
});

const call = (operation: string, input: object, role?: string) =>
  logsOperation(wire.as(role), operation, input);

const resultsSchema = z.object({
  status: z.string(),
  results: z.array(z.array(z.object({ field: z.string(), value: z.string() }))),
  statistics: z.object({ recordsMatched: z.number(), recordsScanned: z.number() }),
});

async function start(queryString: string, input: object = {}): Promise<string> {
  const range = { startTime: START / SECOND, endTime: START / SECOND + 400 };
  const started = await call('StartQuery', {
    logGroupNames: ['work-Log-1'],
    ...range,
    queryString,
    ...input,
  });
  return z.object({ queryId: z.string() }).parse(started).queryId;
}

async function ended(queryId: string) {
  return eventually('the end of a query', async () => {
    const answer = resultsSchema.parse(await call('GetQueryResults', { queryId }));
    return answer.status === 'Running' ? undefined : answer;
  });
}

/** Rows of a query's results without `@ptr`, each as an object. */
async function ask(query: string, input: object = {}) {
  const { status, results, statistics } = await ended(await start(query, input));
  expect(status).toBe('Complete');
  const rows = results.map((row) => Object.fromEntries(row.map(({ field, value }) => [field, value])));
  return { rows: rows.map(({ '@ptr': _, ...row }) => row), statistics };
}

const rows = async (query: string, input: object = {}) => (await ask(query, input)).rows;
const messages = async (filter: string) =>
  (await rows(`fields message | filter ${filter} | sort @timestamp`)).map(({ message }) => message ?? '');

describe('a query', () => {
  it('shows fields of lines, those of JSON by their paths, and leaves out what a line has not', async () => {
    const query = 'fields @timestamp, work.type, error.message, wrong.1, ok, seconds | sort @timestamp asc';
    expect(await rows(query)).toEqual([
      { '@timestamp': '2026-01-31 12:00:00.000', 'work.type': 'plan', ok: '1', seconds: '0.5' },
      { '@timestamp': '2026-01-31 12:01:01.000', 'error.message': 'no such key', seconds: '12' },
      { '@timestamp': '2026-01-31 12:01:02.000' },
      { '@timestamp': '2026-01-31 12:06:40.000', 'wrong.1': 'b', seconds: '7' },
    ]);
  });

  it('has the newest lines first and whole, unless it says otherwise', async () => {
    expect((await rows('fields message'))[0]).toEqual({ message: 'late' });
    const byDefault = await rows('limit 2');
    expect(byDefault.map((row) => row['@message'])).toEqual([LINES[3]?.[1], LINES[2]?.[1]]);
    expect(Object.keys(byDefault[0] ?? {})).toEqual(['@timestamp', '@message']);
    expect(await rows('fields @log, @logStream | limit 1')).toEqual([
      { '@log': '000000000000:work-Log-1', '@logStream': 'worker' },
    ]);
  });

  it.each([
    ['level = "error"', ['lost', 'late']],
    ["level != 'error'", ['planned']],
    ['seconds > 6', ['lost', 'late']],
    ['seconds >= 7 and seconds < 12', ['late']],
    ['seconds = 12', ['lost']],
    ['level = "error" or (work.type = "plan" and seconds < 1)', ['planned', 'lost', 'late']],
    ['not ispresent(level)', ['']],
    ['ispresent(jobId)', ['late']],
    ['message in ["lost", "planned"]', ['planned', 'lost']],
    ['message not in ["lost", "planned"]', ['', 'late']],
    ['@message like "second line"', ['']],
    ['@message like /(?i)SUCH KEY/', ['lost']],
    ['@message =~ /job_\\d/', ['late']],
    ['message not like /l(ost|ate)/', ['planned', '']],
    ['seconds * 2 - 1 = 13', ['late']],
    ['strlen(message) = 7', ['planned']],
    ['tolower(coalesce(level, "NONE")) = "none"', ['']],
    ['`error.message` like "key" # the reason', ['lost']],
    ['ok = 1', ['planned']],
    ['@timestamp >= 1769860861000', ['lost', '', 'late']],
  ])('filters lines: %s', async (filter, expected) => {
    expect(await messages(filter)).toEqual(expected);
  });

  it('counts and adds up, by fields and times', async () => {
    expect(
      await rows('stats count(*) as n, count(level), sum(seconds) as s, max(seconds), min(seconds)'),
    ).toEqual([{ n: '4', 'count(level)': '3', s: '19.5', 'max(seconds)': '12', 'min(seconds)': '0.5' }]);
    expect(await rows('stats pct(seconds, 95) as p95, pct(seconds, 30) as p30')).toEqual([
      { p95: '12', p30: '0.5' },
    ]);
    expect(await rows('stats count() as n by level | sort n desc | limit 1')).toEqual([
      { level: 'error', n: '2' },
    ]);
    expect(
      await rows('stats avg(seconds), pct(seconds, 50) as p50, count_distinct(level) by bin(5m)'),
    ).toEqual([
      {
        'bin(5m)': '2026-01-31 12:00:00.000',
        'avg(seconds)': '6.25',
        p50: '0.5',
        'count_distinct(level)': '2',
      },
      { 'bin(5m)': '2026-01-31 12:05:00.000', 'avg(seconds)': '7', p50: '7', 'count_distinct(level)': '1' },
    ]);
    expect(
      await rows('stats count() as n by level as what | filter n > 1 | fields n * 10 as tenfold'),
    ).toEqual([{ what: 'error', n: '2', tenfold: '20' }]);
    expect(await rows('fields seconds * 1000 as ms, level | filter ms = 7000 | display ms')).toEqual([
      { ms: '7000' },
    ]);
  });

  it('reads the lines of its time, of all its groups once, and tells how many', async () => {
    const range = { startTime: START / SECOND + 61, endTime: START / SECOND + 62 };
    const asked = await ask('filter level = "error" | limit 5', range);
    expect(asked.rows).toHaveLength(1);
    expect(asked.statistics).toMatchObject({ recordsMatched: 1, recordsScanned: 2 });
    const both = { logGroupNames: ['work-Log-1', 'work-Log-1', '/aws/lambda/evil', 'work-Flow-1'] };
    expect((await ask('stats count() as n by @log', both)).rows).toEqual([
      { '@log': '000000000000:work-Log-1', n: '4' },
      { '@log': '000000000000:/aws/lambda/evil', n: '1' },
    ]);
    expect(await rows('fields message', { limit: 1 })).toHaveLength(1);
  });

  it.each([
    ['parse @message "a *" as b', 'the command parse is not imitated'],
    ['fields @duration', 'the field @duration is not imitated'],
    ['fields jsonParse(@message)', 'the function jsonParse is not imitated'],
    ['stats stddev(seconds)', 'stddev is not imitated in stats'],
    ['stats count() by bin(1w)', 'bin(1w) is not imitated'],
    ['stats count() by level | filter seconds > 1', 'behind stats there is only what it names'],
    ['stats count() | sort count() desc', 'the function count is not imitated'],
    ['filter ok = true', 'true is no value of a field'],
    ['filter @message like /(/', 'Invalid regular expression'],
    ['filter message not = 1', 'like or in is expected'],
    ['filter a ~ 2', 'unexpected'],
    ['filter (a = 2', ') is expected instead of the end'],
    ['fields message | | limit 1', 'the command | is not imitated'],
    ['limit 20000', 'limit takes a number from 1 to 10000'],
    ['fields message message', '| or the end is expected'],
    ['', 'the command (nothing)'],
  ])('is refused when it is none, or would mean something else on AWS: %s', async (query, reason) => {
    await expect(start(query)).rejects.toThrow('MalformedQueryException');
    await expect(start(query)).rejects.toThrow(reason.replaceAll('"', '\\"'));
  });

  it('ends when its regular expression takes for ever', async () => {
    const queryId = await start('filter @message like /^(a+)+$/', { logGroupNames: ['/aws/lambda/evil'] });
    expect((await ended(queryId)).status).toBe('Timeout');
  });

  it('never fails but by saying that it is malformed', () => {
    const words =
      'fields filter stats sort limit count( avg( ) by bin(5m) , | = like "a" /b/ 5 @message level and not in [ ] as __proto__ constructor toString( valueOf';
    const query = fc
      .array(fc.constantFrom(...words.split(' ')), { maxLength: 12 })
      .map((all) => all.join(' '));
    fc.assert(
      fc.property(fc.oneof(query, fc.string(), fc.constantFrom('__proto__', 'constructor')), (text) => {
        try {
          expect(compile(text).shown.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toMatchObject({ code: 'MalformedQueryException' });
        }
      }),
    );
  });

  it('is stopped once, and known by its id', async () => {
    const queryId = await start('fields message');
    await ended(queryId);
    await expect(call('StopQuery', { queryId })).rejects.toThrow('is not running');
    await expect(call('GetQueryResults', { queryId: 'other' })).rejects.toThrow('ResourceNotFoundException');
    await expect(start('fields message', { logGroupNames: ['other'] })).rejects.toThrow(
      'The specified log group',
    );
  });

  it('is asked of groups that a role may query', async () => {
    const query = { queryString: 'limit 1', startTime: 1, endTime: 2 };
    await call('StartQuery', { ...query, logGroupNames: ['work-Log-1'] }, 'reader');
    await expect(call('DescribeLogGroups', {}, 'reader')).rejects.toThrow('AccessDeniedException');
    const other = call('StartQuery', { ...query, logGroupNames: ['work-Log-1', 'work-Flow-1'] }, 'reader');
    await expect(other).rejects.toThrow(/AccessDeniedException.*logs:StartQuery.*work-Flow-1/);
  });
});

describe('log groups', () => {
  it('are those of the templates, and of functions without one', async () => {
    expect(await call('DescribeLogGroups', {})).toMatchObject({
      logGroups: [
        { logGroupName: '/aws/lambda/evil' },
        { logGroupName: 'work-Flow-1', storedBytes: 0 },
        {
          logGroupName: 'work-Log-1',
          retentionInDays: 7,
          arn: 'arn:aws:logs:us-east-1:000000000000:log-group:work-Log-1:*',
        },
      ],
    });
    expect(await call('DescribeLogGroups', { logGroupNamePrefix: 'work-L' })).toMatchObject({
      logGroups: [{ logGroupName: 'work-Log-1' }],
    });
    expect(await call('DescribeLogStreams', { logGroupName: 'work-Log-1' })).toMatchObject({
      logStreams: [{ logStreamName: 'worker' }],
    });
    expect(await call('DescribeLogStreams', { logGroupName: 'work-Flow-1' })).toEqual({ logStreams: [] });
  });

  const eventsSchema = z.object({
    events: z.array(z.object({ message: z.string(), timestamp: z.number(), eventId: z.string() })),
    nextToken: z.string().optional(),
  });
  const filtered = async (input: object) =>
    eventsSchema.parse(await call('FilterLogEvents', { logGroupName: 'work-Log-1', ...input }));

  it.each([
    ['', [0, 1, 2, 3]],
    ['error', [1, 3]],
    ['error -key', [3]],
    ['"second line"', [2]],
    ['?planned ?late', [0, 3]],
    ['error job_1', [3]],
  ])('have events that a pattern filters: %j', async (filterPattern, expected) => {
    const { events } = await filtered({ filterPattern });
    expect(events.map(({ message, timestamp }) => [timestamp, message])).toEqual(
      expected.map((at) => [START + (LINES[at]?.[0] ?? 0) * SECOND, LINES[at]?.[1]]),
    );
  });

  it('give events of a time, page by page, each under an id of its own', async () => {
    const first = await filtered({ limit: 3 });
    const second = await filtered({ limit: 3, nextToken: first.nextToken });
    expect([first.events.length, second.events.length, second.nextToken]).toEqual([3, 1, undefined]);
    expect(new Set([...first.events, ...second.events].map(({ eventId }) => eventId)).size).toBe(4);
    const later = await filtered({ startTime: START + 62 * SECOND, endTime: START + 62 * SECOND });
    expect(later.events.map(({ message }) => message)).toEqual([LINES[2]?.[1]]);
  });

  it.each(['{ $.level = "error" }', '[a, b]', '%job_[0-9]%', '"open', '?a b'])(
    'refuse a pattern that is not imitated: %s',
    async (filterPattern) => {
      await expect(filtered({ filterPattern })).rejects.toThrow('InvalidParameterException');
    },
  );
});
