import { functionArn } from '../account.ts';
import type { DeployedResource } from '../assembly/deployment.ts';
import type { LambdaFunction } from './function.ts';

/** What a caller means: a function, by the ARN it was called with, which may be of a version or an alias. */
export interface InvocationTarget {
  readonly lambda: LambdaFunction;
  readonly arn: string;
}

/** Functions by everything that names them: name, ARN, ARN of a version or alias. */
export class FunctionDirectory {
  readonly #byArn: ReadonlyMap<string, LambdaFunction>;

  /** @param resources of the deployment, whose versions and aliases lead to `functions` */
  constructor(functions: Iterable<LambdaFunction>, resources: readonly DeployedResource[]) {
    const byArn = new Map<string, LambdaFunction>();
    for (const lambda of functions) {
      const { arn } = lambda.configuration;
      byArn.set(arn, lambda);
      byArn.set(`${arn}:$LATEST`, lambda);
    }
    for (const { type, identity, properties } of resources) {
      if (type !== 'AWS::Lambda::Version' && type !== 'AWS::Lambda::Alias') continue;
      const lambda = byArn.get(functionArn(String(properties['FunctionName'])));
      if (lambda !== undefined) byArn.set(identity.ref, lambda);
    }
    this.#byArn = byArn;
  }

  /**
   * The function of a name, an ARN, or either with `:qualifier`.
   *
   * @param qualifier version or alias, given apart
   */
  find(nameOrArn: string, qualifier?: string): InvocationTarget | undefined {
    const arn = functionArn(nameOrArn) + (qualifier === undefined ? '' : `:${qualifier}`);
    const lambda = this.#byArn.get(arn);
    return lambda === undefined ? undefined : { lambda, arn };
  }
}
