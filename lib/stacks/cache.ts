import { type IVpc, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnServerlessCache, CfnUser, CfnUserGroup } from 'aws-cdk-lib/aws-elasticache';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { CacheEnvironment } from '../../lambdas/contracts/cache-environment.ts';
import type { Stage } from '../config/stage.ts';
import type { NetworkAccess } from '../constructs/connected-function.ts';
import type { OperationalAlarm } from '../constructs/operational-alarm.ts';
import { watchCache } from './cache-alarms.ts';

export interface ResultsCacheProps {
  readonly stage: Stage;
  readonly vpc: IVpc;
  readonly alerts: ITopic;
}

/** All that works on keys; nothing that administers, lists what there is, runs code or listens. INFO is how clients greet. */
const ACCESS = 'on ~* +@all -@admin -@dangerous -@scripting -@pubsub +info';
const VALKEY = Port.tcp(6379);

/**
 * The cache that all functions share: Valkey, serverless, over TLS, encrypted with ElastiCache's own key, open to one user
 * who comes with a token that IAM has signed. What it holds can be computed again, so nothing of it is kept.
 */
export class ResultsCache extends Construct {
  readonly name: string;
  readonly alarms: readonly OperationalAlarm[];
  /** What a function needs to use it. */
  readonly access: NetworkAccess;

  constructor(scope: Construct, id: string, props: ResultsCacheProps) {
    super(scope, id);
    const { stage, vpc, alerts } = props;
    const user = createUser(this, stage);
    const users = new CfnUserGroup(this, 'Users', {
      engine: 'valkey',
      userGroupId: `${stage.deployment}-cache`,
      userIds: [user.ref],
    });
    const security = new SecurityGroup(this, 'Security', {
      vpc,
      description: 'The cache',
      allowAllOutbound: false,
    });
    const cache = createCache(this, props, users, security);
    this.name = cache.ref;
    this.access = {
      peer: security,
      port: VALKEY,
      actions: ['elasticache:Connect'],
      resources: [cache.attrArn, user.attrArn],
      environment: {
        CACHE_HOST: cache.attrEndpointAddress,
        CACHE_PORT: cache.attrEndpointPort,
        CACHE_NAME: this.name,
        CACHE_USER: user.userName,
      } satisfies Record<Exclude<keyof CacheEnvironment, 'AWS_REGION'>, string>,
    };
    this.alarms = watchCache(cache, stage, alerts);
  }
}

/** ElastiCache wants a user who comes with a token to be called by its id. */
function createUser(scope: Construct, { deployment }: Stage): CfnUser {
  const userId = `${deployment}-functions`;
  return new CfnUser(scope, 'User', {
    engine: 'valkey',
    userId,
    userName: userId,
    accessString: ACCESS,
    authenticationMode: { Type: 'iam' },
  });
}

function createCache(
  scope: Construct,
  { stage, vpc }: ResultsCacheProps,
  users: CfnUserGroup,
  security: SecurityGroup,
): CfnServerlessCache {
  const { gigabytes, unitsPerSecond } = stage.cache.usual;
  return new CfnServerlessCache(scope, 'Cache', {
    engine: 'valkey',
    majorEngineVersion: '8',
    serverlessCacheName: `${stage.deployment}-cache`,
    description: 'CreativeDynamics: answers that can be computed again',
    cacheUsageLimits: {
      dataStorage: { unit: 'GB', maximum: gigabytes },
      ecpuPerSecond: { maximum: unitsPerSecond },
    },
    snapshotRetentionLimit: 0,
    securityGroupIds: [security.securityGroupId],
    subnetIds: vpc.isolatedSubnets.map(({ subnetId }) => subnetId),
    userGroupId: users.ref,
  });
}
