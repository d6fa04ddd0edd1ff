import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { AuthorizerVariables } from '../../lambdas/contracts/access-environment.ts';
import type { ApiEnvironment } from '../../lambdas/contracts/environment.ts';
import type { Stage } from '../config/stage.ts';
import type { AlertTopic } from '../constructs/alert-topic.ts';
import type { PrivateBucket } from '../constructs/private-bucket.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import type { ResultsCache } from './cache.ts';
import type { ResultsDatabase } from './database.ts';
import type { WebhookDeliveries } from './webhook-deliveries.ts';

/** What the functions behind the API work with. */
export interface ApiFunctionsProps {
  readonly stage: Stage;
  readonly dataBucket: PrivateBucket;
  readonly jobsTable: TableV2;
  readonly accessTable: TableV2;
  readonly analysisQueue: WorkQueue;
  readonly webhooks: WebhookDeliveries;
  readonly vpc: IVpc;
  readonly database: ResultsDatabase;
  readonly cache: ResultsCache;
  readonly alerts: AlertTopic;
  /** Value of the API key that requests are counted under. */
  readonly usageKey: string;
}

/** The variables that every function behind the API reads. */
export function apiEnvironment({
  stage,
  dataBucket,
  jobsTable,
  accessTable,
}: ApiFunctionsProps): ApiEnvironment {
  const { partials, reports } = stage.retentionDays;
  return {
    DATA_BUCKET: dataBucket.bucketName,
    JOBS_TABLE: jobsTable.tableName,
    ACCESS_TABLE: accessTable.tableName,
    METRICS_NAMESPACE: stage.deployment,
    RECORD_DAYS: String(partials + reports),
    CORS_ORIGINS: stage.api.corsOrigins.join(' '),
  };
}

/** The variables of the authorizer: an identity provider's only where the stage names one. */
export function authorizerEnvironment({
  stage,
  accessTable,
  usageKey,
}: Pick<ApiFunctionsProps, 'stage' | 'usageKey'> & {
  readonly accessTable: Pick<TableV2, 'tableName'>;
}): AuthorizerVariables {
  const { requestsPerMinute, identityProvider } = stage.api;
  return {
    ACCESS_TABLE: accessTable.tableName,
    METRICS_NAMESPACE: stage.deployment,
    USAGE_KEY: usageKey,
    REQUESTS_PER_MINUTE: String(requestsPerMinute),
    ...(identityProvider !== null && {
      OIDC_ISSUER: identityProvider.issuer,
      OIDC_AUDIENCE: identityProvider.audience,
      OIDC_KEYS_URL: identityProvider.keysUrl,
      OIDC_TENANT_CLAIM: identityProvider.claims.tenant,
      OIDC_SCOPE_CLAIM: identityProvider.claims.scopes,
      OIDC_SCOPE_PREFIX: identityProvider.scopePrefix,
    }),
  };
}
