import { z } from 'zod';
import { elementsOf } from '../../local/s3/xml.ts';
import { eventually } from '../local/eventually.ts';
import { principalCredentials } from '../local/s3-server.ts';
import { type Access, logsOperation, signedRequest } from '../local/signed-request.ts';
import { PATIENCE_MS } from './jobs.ts';
import type { System } from './system.ts';

const DEPLOYMENT = 'creative-dynamics-dev';
const HOUR = 3600;

const answerSchema = z.object({
  status: z.string(),
  results: z.array(z.array(z.object({ field: z.string(), value: z.string() }))),
});

function accessTo({ cloud }: System): Access {
  return { endpoint: cloud.endpoint, credentials: principalCredentials(cloud.developer) };
}

/** Names of log groups, found as the runbook's `group` does: by stack and the beginning of their logical ids. */
export async function logGroups(system: System, stack: string, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for (let token: string | undefined = ''; token !== undefined; ) {
    const form = {
      ...{ Action: 'ListStackResources', Version: '2010-05-15', StackName: `${DEPLOYMENT}-${stack}` },
      ...(token !== '' && { NextToken: token }),
    };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams(form).toString();
    const { text } = await signedRequest(accessTo(system), 'cloudformation', headers, body);
    for (const member of elementsOf(text, 'member')) {
      const of = (name: string) => elementsOf(member, name)[0] ?? '';
      if (of('ResourceType') === 'AWS::Logs::LogGroup' && of('LogicalResourceId').startsWith(prefix))
        found.push(of('PhysicalResourceId'));
    }
    token = elementsOf(text, 'NextToken')[0];
  }
  return found;
}

/** Asks logs of the last hour, as the runbook's `ask` does. @returns rows, each by field */
export async function askLogs(
  system: System,
  queryString: string,
  logGroupNames: readonly string[],
): Promise<Record<string, string>[]> {
  const endTime = Math.floor(Date.now() / 1000);
  const input = { queryString, logGroupNames, startTime: endTime - HOUR, endTime };
  const access = accessTo(system);
  const { queryId } = z
    .object({ queryId: z.string() })
    .parse(await logsOperation(access, 'StartQuery', input));
  const answer = await eventually(
    'the end of a query',
    async () => {
      const got = answerSchema.parse(await logsOperation(access, 'GetQueryResults', { queryId }));
      return got.status === 'Running' ? undefined : got;
    },
    PATIENCE_MS,
  );
  if (answer.status !== 'Complete') throw new Error(`The query ended as ${answer.status}.`);
  return answer.results.map((row) => Object.fromEntries(row.map(({ field, value }) => [field, value])));
}
