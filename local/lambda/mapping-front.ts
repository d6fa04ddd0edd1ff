import type { ServerResponse } from 'node:http';
import { functionArn, mappingArn } from '../account.ts';
import { AwsError } from '../auth/errors.ts';
import { type FrontRequest, parseJsonBody, type Service } from '../front/server.ts';
import type { Authoriser } from '../iam/authoriser.ts';
import type { EventSourceMapping } from './mapping.ts';

/** Where Lambda's API has mappings; one of them by its UUID. */
export const MAPPINGS = /^\/2015-03-31\/event-source-mappings(?:\/([^/]*))?$/;

const OPERATIONS: Readonly<Record<string, string>> = {
  GET: 'GetEventSourceMapping',
  PUT: 'UpdateEventSourceMapping',
};

/** Lambda's operations on event source mappings: get, list, update. Templates make and remove them. */
export function mappingFront(mappings: readonly EventSourceMapping[], authoriser: Authoriser): Service {
  return async (request, response) => {
    const { method, path, authentication } = request;
    const uuid = decodeURIComponent(MAPPINGS.exec(path)?.[1] ?? '');
    if (uuid === '' && method === 'GET') {
      const access = { action: 'lambda:ListEventSourceMappings', resource: '*' };
      await authoriser.authorise(authentication.principal, access);
      send(response, 200, { EventSourceMappings: listed(mappings, request) });
      return;
    }
    const operation = OPERATIONS[method];
    if (uuid === '' || operation === undefined)
      throw new AwsError(501, 'NotImplemented', 'Mappings come from the templates.');
    await authoriser.authorise(authentication.principal, {
      action: `lambda:${operation}`,
      resource: mappingArn(uuid),
    });
    const mapping = mappings.find((each) => each.uuid === uuid);
    if (mapping === undefined)
      throw new AwsError(404, 'ResourceNotFoundException', 'The resource you requested does not exist.');
    if (method === 'PUT') mapping.update(parseJsonBody(request.body));
    send(response, method === 'PUT' ? 202 : 200, mapping.describe());
  };
}

/** All on one page: a template has few. */
function listed(mappings: readonly EventSourceMapping[], { query }: FrontRequest): object[] {
  const queue = query.get('EventSourceArn');
  const lambda = query.get('FunctionName');
  return mappings
    .filter(({ queueArn }) => queue === null || queueArn === queue)
    .filter((mapping) => lambda === null || mapping.functionArn === functionArn(lambda))
    .map((mapping) => mapping.describe());
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
