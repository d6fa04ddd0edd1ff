import { Validations } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { PROBLEMS, type ProblemCode } from '../../lambdas/contracts/problems.ts';

/** What is written down of every request. No body, no token; `requestId` is the one that errors of the gateway name. */
export const ACCESS_LOG = {
  time: '$context.requestTimeEpoch',
  requestId: '$context.requestId',
  method: '$context.httpMethod',
  route: '$context.resourcePath',
  status: '$context.status',
  tenant: '$context.authorizer.tenant',
  tokenId: '$context.authorizer.tokenId',
  ip: '$context.identity.sourceIp',
  responseBytes: '$context.responseLength',
  milliseconds: '$context.responseLatency',
  integrationMilliseconds: '$context.integration.latency',
  authorizerMilliseconds: '$context.authorizer.latency',
  error: '$context.error.responseType',
  integrationStatus: '$context.integration.status',
};

/**
 * An error of the API (RFC 9457) as what stands before the functions words it.
 *
 * @param detail what happened; the table has the rest
 */
export function problemDocument(code: ProblemCode, detail: string) {
  const { title, status, remedy, retryable } = PROBLEMS[code];
  return { type: `/docs/errors/${code}`, title, status, code, detail, remedy, retryable };
}

/** Says why what the checks find of an API is right here. */
export function acknowledgeFindings(api: RestApi): void {
  Validations.of(api).acknowledge(
    {
      id: 'AwsSolutions-APIG2',
      reason: 'The functions check every request against its schema, and name the fields that are wrong.',
    },
    {
      id: 'AwsSolutions-COG4',
      reason: 'Callers are programs with tokens of ours; an authorizer of our own checks them, and JWTs too.',
    },
    {
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      reason: 'The role with which API Gateway writes logs is the account’s; AWS keeps its policy for it.',
    },
  );
}
