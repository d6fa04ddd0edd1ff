import { AwsError } from '../auth/errors.ts';
import type { Service } from '../front/server.ts';
import type { Authoriser } from '../iam/authoriser.ts';
import { sendXml } from '../s3/request.ts';
import { element, type Xml } from '../s3/xml.ts';
import { type ServerlessCache, serverlessCacheArn } from './serverless-cache.ts';

const NAMESPACE = 'http://elasticache.amazonaws.com/doc/2015-02-02/';

/** ElastiCache's API behind the signature and the authoriser: its one serverless cache is described and modified. */
export function cacheFront(cache: ServerlessCache, authoriser: Authoriser): Service {
  return async ({ id, body, authentication }, response) => {
    const form = new URLSearchParams(body.toString());
    const operation = form.get('Action') ?? '';
    if (operation !== 'DescribeServerlessCaches' && operation !== 'ModifyServerlessCache')
      throw new AwsError(501, 'NotImplemented', `${operation} of ElastiCache is not imitated.`);
    const name = form.get('ServerlessCacheName');
    const resource = serverlessCacheArn(name ?? '*');
    await authoriser.authorise(authentication.principal, { action: `elasticache:${operation}`, resource });
    if (name === null ? operation === 'ModifyServerlessCache' : resource !== cache.arn)
      throw new AwsError(404, 'ServerlessCacheNotFoundFault', `Serverless cache ${name} not found.`);
    if (operation === 'ModifyServerlessCache') cache.modify(form);
    const described = cache.describe();
    const result =
      operation === 'ModifyServerlessCache'
        ? element('ServerlessCache', described)
        : element('ServerlessCaches', [element('member', described)]);
    sendXml(response, 200, documentOf(operation, result, id));
  };
}

function documentOf(operation: string, result: Xml, requestId: string): string {
  const content = [
    element(`${operation}Result`, [result]),
    element('ResponseMetadata', [element('RequestId', requestId)]),
  ];
  const inner = content.map(({ text }) => text).join('');
  return `<${operation}Response xmlns="${NAMESPACE}">${inner}</${operation}Response>`;
}
