import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';

/** A function that others call and wait for. */
export interface CalledFunction {
  readonly client: LambdaClient;
  /** Told when it is first needed: most functions call none. */
  readonly name: () => string;
}

/** Calls a function. @returns what it answers, parsed. @throws Error when it fails */
export async function invoke({ client, name }: CalledFunction, request: object): Promise<unknown> {
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: name(), Payload: JSON.stringify(request) }),
  );
  const answer = Payload?.transformToString() ?? '';
  if (FunctionError !== undefined) throw new Error(`${name()} failed: ${answer || FunctionError}`);
  return JSON.parse(answer || 'null');
}
