import { Stack, Validations } from 'aws-cdk-lib';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { Construct } from 'constructs';

/**
 * Gives the reason for a wildcard in a resource that a policy of `scope` names. The check knows a resource by its text in
 * the template, which exists no sooner than when references to other stacks are resolved: at validation.
 */
export function acknowledgeWildcard(scope: Construct, resource: string, reason: string): void {
  scope.node.addValidation({
    validate: () => {
      const id = `AwsSolutions-IAM5[Resource::${flattenCfnReference(Stack.of(scope).resolve(resource))}]`;
      Validations.of(scope).acknowledge({ id, reason });
      return [];
    },
  });
}
