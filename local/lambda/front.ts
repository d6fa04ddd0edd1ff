import { AwsError } from '../auth/errors.ts';
import type { FrontRequest, Service } from '../front/server.ts';
import type { Authoriser } from '../iam/authoriser.ts';
import type { LambdaFunction } from './function.ts';

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Lambda's Invoke behind the signature and the authoriser: with an answer, or as an event. */
export function lambdaFront(functions: ReadonlyMap<string, LambdaFunction>, authoriser: Authoriser): Service {
  return async (request, response) => {
    const lambda = find(functions, request);
    const { arn } = lambda.configuration;
    const { principal } = request.authentication;
    await authoriser.authorise(principal, { action: 'lambda:InvokeFunction', resource: arn });
    const payload = request.body.toString() || '{}';
    const type = request.incoming.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    if (type === 'Event') {
      void lambda.invokeWhenFree(payload);
      response.writeHead(202).end();
      return;
    }
    if (type !== 'RequestResponse') throw new AwsError(501, 'NotImplemented', `${type} is not imitated.`);
    const outcome = await lambda.invoke(payload);
    response.writeHead(200, {
      'content-type': 'application/json',
      'x-amz-executed-version': '$LATEST',
      ...(outcome.succeeded ? {} : { 'x-amz-function-error': 'Unhandled' }),
    });
    response.end(outcome.payload);
  };
}

function find(
  functions: ReadonlyMap<string, LambdaFunction>,
  { method, path }: FrontRequest,
): LambdaFunction {
  const given = INVOKE.exec(path)?.[1];
  if (method !== 'POST' || given === undefined) {
    throw new AwsError(501, 'NotImplemented', 'Of Lambda’s operations only Invoke is imitated.');
  }
  const name = decodeURIComponent(given).split(':').at(-1) ?? '';
  const lambda = functions.get(name);
  if (lambda === undefined)
    throw new AwsError(404, 'ResourceNotFoundException', `Function not found: ${name}`);
  return lambda;
}
