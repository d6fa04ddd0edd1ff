import { AwsError } from '../auth/errors.ts';
import type { FrontRequest, Service } from '../front/server.ts';
import type { Authoriser } from '../iam/authoriser.ts';
import type { FunctionDirectory, InvocationTarget } from './directory.ts';
import type { EventSourceMapping } from './mapping.ts';
import { MAPPINGS, mappingFront } from './mapping-front.ts';

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

export interface LambdaFrontOptions {
  readonly functions: FunctionDirectory;
  readonly mappings: readonly EventSourceMapping[];
  readonly authoriser: Authoriser;
}

/** Lambda behind the signature and the authoriser: Invoke, with an answer or as an event, and event source mappings. */
export function lambdaFront({ functions, mappings, authoriser }: LambdaFrontOptions): Service {
  const serveMappings = mappingFront(mappings, authoriser);
  return async (request, response) => {
    if (MAPPINGS.test(request.path)) return serveMappings(request, response);
    const { lambda, arn } = find(functions, request);
    const { principal } = request.authentication;
    await authoriser.authorise(principal, { action: 'lambda:InvokeFunction', resource: arn });
    const payload = request.body.toString() || '{}';
    const type = request.incoming.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    if (type === 'Event') {
      void lambda.invokeWhenFree(payload, arn);
      response.writeHead(202).end();
      return;
    }
    if (type !== 'RequestResponse') throw new AwsError(501, 'NotImplemented', `${type} is not imitated.`);
    const trace = String(request.incoming.headers['x-amzn-trace-id'] ?? '');
    const outcome = await lambda.invoke(payload, arn, trace);
    response.writeHead(200, {
      'content-type': 'application/json',
      'x-amz-executed-version': '$LATEST',
      ...(outcome.succeeded ? {} : { 'x-amz-function-error': 'Unhandled' }),
    });
    response.end(outcome.payload);
  };
}

function find(functions: FunctionDirectory, { method, path, query }: FrontRequest): InvocationTarget {
  const given = INVOKE.exec(path)?.[1];
  if (method !== 'POST' || given === undefined) {
    throw new AwsError(
      501,
      'NotImplemented',
      'Of Lambda’s operations only Invoke and those on mappings are imitated.',
    );
  }
  const name = decodeURIComponent(given);
  const target = functions.find(name, query.get('Qualifier') ?? undefined);
  if (target === undefined)
    throw new AwsError(404, 'ResourceNotFoundException', `Function not found: ${name}`);
  return target;
}
