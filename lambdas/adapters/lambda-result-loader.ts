import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { ResultLoader } from '../ports/result-loader.ts';

/**
 * Has results loaded by the function that lives beside the database, and waits for it.
 *
 * @param functionName told when it is first needed: most functions load nothing
 */
export function createLambdaResultLoader(client: LambdaClient, functionName: () => string): ResultLoader {
  return {
    async load(run) {
      const { FunctionError, Payload } = await client.send(
        new InvokeCommand({ FunctionName: functionName(), Payload: JSON.stringify(run) }),
      );
      if (FunctionError === undefined) return;
      throw new Error(`${functionName()} failed: ${Payload?.transformToString() ?? FunctionError}`);
    },
  };
}
