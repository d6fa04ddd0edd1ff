import { describe, expect, it } from 'vitest';
import { CLOUDFORMATION_OPERATIONS } from '../../local/cloudformation/front.ts';
import { LOGS_OPERATIONS } from '../../local/logs-insights/front.ts';
import { compile } from '../../local/logs-insights/query/compile.ts';
import { QUERIES, queryOf, RUNBOOK } from './runbook.ts';

/** What changes a deployment, which no start of a local cloud lets anybody do. */
const ONLY_AWS = ['UpdateTerminationProtection', 'ContinueUpdateRollback'];

/** An operation's name of a subcommand's. */
function operationOf(subcommand: string): string {
  return subcommand.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Operations of a service that the runbook uses on the command line. */
function used(service: string): string[] {
  const pattern = new RegExp(`\\baws ${service} ([a-z]+(?:-[a-z]+)+)`, 'g');
  return [...new Set([...RUNBOOK.matchAll(pattern)].map(([, name = '']) => operationOf(name)))];
}

describe('the runbook', () => {
  it('has no query that is not read as one', () => {
    // Every other mention of ask is the function itself, or of the database.
    const calls = [...RUNBOOK.matchAll(/\bask (?:\d|"\$)/g)];
    expect(QUERIES).toHaveLength(calls.length);
    expect(calls.length).toBeGreaterThan(10);
    expect(RUNBOOK.match(/start-query/g)).toHaveLength(1);
    expect(QUERIES).toContain(queryOf('errors'));
  });

  it.each(QUERIES)('asks logs what a query may ask: %s', (query) => {
    const { shown } = compile(query);
    expect(shown.length).toBeGreaterThan(0);
  });

  it('asks CloudFormation and CloudWatch Logs for what the local cloud has', () => {
    const [stacks, logs] = [used('cloudformation'), used('logs')];
    expect(stacks).toEqual(expect.arrayContaining(['DescribeStacks', 'ListStackResources', ...ONLY_AWS]));
    expect(logs).toEqual(expect.arrayContaining(['StartQuery', 'GetQueryResults']));
    const imitated = [...CLOUDFORMATION_OPERATIONS, ...ONLY_AWS];
    expect(stacks.filter((operation) => !imitated.includes(operation))).toEqual([]);
    expect(logs.filter((operation) => !LOGS_OPERATIONS.includes(operation))).toEqual([]);
  });
});
