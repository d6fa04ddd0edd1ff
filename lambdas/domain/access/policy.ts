/** What the authorizer says of a caller, as API Gateway hands it to the functions. */
export interface AuthorizerContext {
  readonly tenant: string;
  readonly tokenId: string;
  /** Separated by spaces: a context has no lists. */
  readonly scopes: string;
  readonly requestsPerMinute: number;
}

export interface AuthorizerAnswer {
  readonly principalId: string;
  readonly policyDocument: {
    readonly Version: '2012-10-17';
    readonly Statement: readonly [
      { readonly Action: 'execute-api:Invoke'; readonly Effect: 'Allow'; readonly Resource: string },
    ];
  };
  readonly context: AuthorizerContext;
  /** Value of the API key whose usage plan counts the request. */
  readonly usageIdentifierKey: string;
}

/**
 * Lets a caller call every route of the stage. The answer is cached and then used for whatever else the caller sends, so
 * a narrower one would refuse what it should not; scopes are checked by the functions.
 *
 * @param methodArn of the request: `arn:…:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>`
 * @throws RangeError when it is none
 */
export function allowStage(
  methodArn: string,
  context: AuthorizerContext,
  usageKey: string,
): AuthorizerAnswer {
  const [api, stage, method] = methodArn.split('/');
  if (!api?.includes(':execute-api:') || !stage || !method)
    throw new RangeError(`${methodArn} names no method of a stage.`);
  const Resource = `${api}/${stage}/*`;
  return {
    principalId: context.tokenId,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource }],
    },
    context,
    usageIdentifierKey: usageKey,
  };
}
