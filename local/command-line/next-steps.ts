import { join } from 'node:path';
import { TEST_TOKEN } from '../../lambdas/domain/access/token.ts';
import type { LocalCloud } from '../local-cloud.ts';
import { outputOf } from '../user.ts';
import { DEFAULT_DATA } from './options.ts';

/** What a person can do with a local cloud that is up, ready to be copied into another terminal. */
export function nextStepLines(
  cloud: Pick<LocalCloud, 'apiEndpoint' | 'environment' | 'outputs'>,
  { tenant, data }: { readonly tenant: string; readonly data: string },
): string[] {
  const bucket = outputOf(cloud, 'DataBucketName');
  const reset = `npm run local:reset${data === DEFAULT_DATA ? '' : ` -- --data ${data}`}`;
  const variables = Object.entries(cloud.environment);
  return [
    ...apiLines(cloud.apiEndpoint),
    'Your own export, with the AWS command line in another terminal:',
    '',
    ...variables.map(([name, value]) => `  export ${name}=${value}`),
    `  aws s3 cp export.csv s3://${bucket}/uploads/${tenant}/inbox/export.csv`,
    `  aws s3 ls --recursive s3://${bucket}/reports/${tenant}/`,
    '',
    'Without any of this: npm run -s analyze -- export.csv',
    `Names and addresses of everything: ${join(data, 'outputs.json')}; logs: ${join(data, 'logs')}`,
    '',
    `Ctrl-C stops it. What it holds stays in ${data} for the next start; ${reset} removes it.`,
  ];
}

function apiLines(endpoint: string | undefined): string[] {
  if (endpoint === undefined) return [];
  const request = `curl -s -H 'Authorization: Bearer ${TEST_TOKEN}' ${endpoint}/api/jobs`;
  return ['What the API says about it, in another terminal:', '', `  ${request}`, ''];
}
