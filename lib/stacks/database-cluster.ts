import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { type IVpc, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  AuroraPostgresEngineVersion,
  CfnDBCluster,
  ClusterInstance,
  DatabaseCluster,
  DatabaseClusterEngine,
  DatabaseInsightsMode,
  type IClusterInstance,
  ParameterGroup,
  type ServerlessV2ClusterInstanceProps,
} from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { DATABASE_NAME, DATABASE_USERS } from '../../lambdas/contracts/database-environment.ts';
import type { Stage } from '../config/stage.ts';

export interface DatabaseClusterProps {
  readonly stage: Stage;
  readonly vpc: IVpc;
}

const ENGINE = DatabaseClusterEngine.auroraPostgres({ version: AuroraPostgresEngineVersion.VER_18_6 });
/** The shortest there is. */
const PAUSE_AFTER = Duration.minutes(5);
export const ISOLATED = { subnetType: SubnetType.PRIVATE_ISOLATED } as const;

/** Aurora PostgreSQL, serverless: a writer and the stage's readers, over TLS only, nobody with a password. */
export function createCluster(scope: Construct, { stage, vpc }: DatabaseClusterProps): DatabaseCluster {
  // A name of its own, because RDS names the log after it, and writes for ever into one that it makes itself. It also
  // has CloudFormation refuse every change that would put an empty cluster in this one's place.
  const clusterIdentifier = `${stage.deployment}-results`;
  const cluster = new DatabaseCluster(scope, 'Cluster', {
    clusterIdentifier,
    engine: ENGINE,
    parameterGroup: new ParameterGroup(scope, 'Parameters', {
      engine: ENGINE,
      description: 'CreativeDynamics: results',
      parameters: { 'rds.force_ssl': '1' },
    }),
    defaultDatabaseName: DATABASE_NAME,
    credentials: { username: DATABASE_USERS.owner },
    manageMasterUserPassword: true,
    iamAuthentication: true,
    storageEncrypted: true,
    vpc,
    vpcSubnets: ISOLATED,
    securityGroups: [createSecurityGroup(scope, 'ClusterSecurity', vpc, 'The database of results')],
    copyTagsToSnapshot: true,
    cloudwatchLogsExports: ['postgresql'],
    ...sizeProps(stage),
    deletionProtection: stage.keepsData,
    removalPolicy: stage.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  const resource = resourceOf(cluster);
  resource.node.addDependency(
    createLog(scope, 'Log', `/aws/rds/cluster/${clusterIdentifier}/postgresql`, stage),
  );
  withoutPassword(resource);
  acknowledgeFindings(cluster, stage);
  return cluster;
}

/** What of a cluster the stage decides. */
function sizeProps({ database }: Stage) {
  const { minCapacity, maxCapacity, insights, backupDays } = database;
  const instance: ServerlessV2ClusterInstanceProps = {
    // An upgrade that came by itself would leave this template asking for a downgrade.
    autoMinorVersionUpgrade: false,
    enablePerformanceInsights: insights,
  };
  return {
    serverlessV2MinCapacity: minCapacity,
    serverlessV2MaxCapacity: maxCapacity,
    ...(minCapacity === 0 && { serverlessV2AutoPauseDuration: PAUSE_AFTER }),
    writer: ClusterInstance.serverlessV2('Writer', instance),
    readers: readers(database.readers.fixed, instance),
    backup: { retention: Duration.days(backupDays) },
    ...(insights && { enablePerformanceInsights: true, databaseInsightsMode: DatabaseInsightsMode.STANDARD }),
  };
}

/** The log of a part of RDS, made before RDS would make one that keeps everything. */
export function createLog(scope: Construct, id: string, logGroupName: string, stage: Stage): LogGroup {
  return new LogGroup(scope, id, {
    logGroupName,
    retention: stage.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

export function createSecurityGroup(
  scope: Construct,
  id: string,
  vpc: IVpc,
  description: string,
): SecurityGroup {
  return new SecurityGroup(scope, id, { vpc, description, allowAllOutbound: false });
}

/** The first is as large as the writer, and takes its place when it fails; the others have the size that reading needs. */
function readers(count: number, instance: ServerlessV2ClusterInstanceProps): IClusterInstance[] {
  return Array.from({ length: count }, (_, index) =>
    ClusterInstance.serverlessV2(`Reader${index + 1}`, { ...instance, scaleWithWriter: index === 0 }),
  );
}

/**
 * Makes the owner come with a token, as all others do. The construct library cannot say so yet: it would have RDS keep a
 * password that nobody needs, and that a function without a way to Secrets Manager could not read.
 */
function withoutPassword(resource: CfnDBCluster): void {
  resource.manageMasterUserPassword = undefined;
  resource.masterUserAuthenticationType = 'iam-db-auth';
}

function resourceOf(cluster: DatabaseCluster): CfnDBCluster {
  const resource = cluster.node.defaultChild;
  if (!(resource instanceof CfnDBCluster)) throw new Error(`${cluster.node.path} has no cluster resource.`);
  return resource;
}

function acknowledgeFindings(cluster: DatabaseCluster, stage: Stage): void {
  Validations.of(cluster).acknowledge({
    id: 'AwsSolutions-RDS11',
    reason: 'In isolated subnets a port hides nothing, and a proxy listens on no other.',
  });
  if (stage.keepsData) return;
  Validations.of(cluster).acknowledge({
    id: 'AwsSolutions-RDS10',
    reason: 'In dev the data goes with its stack.',
  });
}
