import { Validations } from 'aws-cdk-lib';
import {
  AuthorizationType,
  type IAuthorizer,
  LambdaIntegration,
  type RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { ROUTES, type Route, type RouteHandler } from '../../lambdas/contracts/routes.ts';
import type { LiveAlias } from '../constructs/live-alias.ts';

/** A method for each route, answered by its function; those that need a token ask the authorizer first. */
export function addRoutes(
  api: RestApi,
  aliases: Readonly<Record<RouteHandler, LiveAlias>>,
  authorizer: IAuthorizer,
): void {
  const integrations = {
    control: integrationOf(aliases.control),
    query: integrationOf(aliases.query),
    analyze: integrationOf(aliases.analyze),
  };
  for (const { path, method, handler, scope } of ROUTES satisfies readonly Route[]) {
    const isOpen = scope === 'none';
    const added = api.root.resourceForPath(path).addMethod(method, integrations[handler], {
      ...(isOpen
        ? { authorizationType: AuthorizationType.NONE }
        : { authorizationType: AuthorizationType.CUSTOM, authorizer, apiKeyRequired: true }),
    });
    if (!isOpen) continue;
    Validations.of(added).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'Health and the description of the API are for everybody, and tell nothing about anybody.',
    });
  }
}

function integrationOf({ callable }: LiveAlias): LambdaIntegration {
  // One permission for the API: one for each method would make most of the template.
  return new LambdaIntegration(callable, { scopePermissionToMethod: false });
}
