import { ArnFormat, Duration, Fn, Stack, Tokenization } from 'aws-cdk-lib';
import { type IConnectable, type IVpc, Port } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  type DatabaseCluster,
  DatabaseProxy,
  DefaultAuthScheme,
  ProxyEndpointTargetRole,
  ProxyTarget,
} from 'aws-cdk-lib/aws-rds';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import {
  DATABASE_NAME,
  DATABASE_USERS,
  type DatabaseEnvironment,
  LAMBDA_CA_FILE,
} from '../../lambdas/contracts/database-environment.ts';
import type { Stage } from '../config/stage.ts';
import type { NetworkAccess } from '../constructs/connected-function.ts';
import type { OperationalAlarm } from '../constructs/operational-alarm.ts';
import { watchCluster, watchProxy } from './database-alarms.ts';
import { createCluster, createLog, createSecurityGroup, ISOLATED } from './database-cluster.ts';
import { ReaderScaling } from './database-scaling.ts';

export interface ResultsDatabaseProps {
  readonly stage: Stage;
  readonly vpc: IVpc;
  readonly alerts: ITopic;
}

export type DatabaseUser = keyof typeof DATABASE_USERS;

interface Endpoints {
  readonly peer: IConnectable;
  readonly host: string;
  readonly readerHost: string;
  /** Id that users' ARNs have: of the cluster, or of the proxy. */
  readonly resourceId: string;
}

const POSTGRESQL = Port.tcp(5432);

/**
 * The database of results: the cluster, and RDS Proxy before it where the stage has one. Nobody has a password: every user,
 * the owner too, comes with a token that IAM has signed.
 */
export class ResultsDatabase extends Construct {
  readonly cluster: DatabaseCluster;
  /** Absent where the stage has no proxy. */
  readonly proxyName: string | undefined;
  readonly alarms: readonly OperationalAlarm[];
  readonly #direct: Endpoints;
  readonly #pooled: Endpoints | undefined;

  constructor(scope: Construct, id: string, props: ResultsDatabaseProps) {
    super(scope, id);
    const { stage, alerts } = props;
    this.cluster = createCluster(this, props);
    this.#direct = {
      peer: this.cluster,
      host: this.cluster.clusterEndpoint.hostname,
      readerHost: this.cluster.clusterReadEndpoint.hostname,
      resourceId: this.cluster.clusterResourceIdentifier,
    };
    const proxy = stage.database.proxy ? this.createProxy(props) : undefined;
    this.proxyName = proxy?.dbProxyName;
    this.#pooled = proxy && endpointsOf(proxy, props.vpc);
    this.alarms = [
      ...watchCluster(this.cluster, stage, alerts),
      ...(proxy === undefined ? [] : watchProxy(proxy, alerts)),
      ...this.scaleReaders(stage, alerts),
    ];
  }

  private scaleReaders(stage: Stage, alerts: ITopic): readonly OperationalAlarm[] {
    const { fixed, most } = stage.database.readers;
    if (most === fixed) return [];
    return new ReaderScaling(this, 'Readers', { stage, cluster: this.cluster, alerts }).alarms;
  }

  /** The owner comes past the proxy, whose connections changes of the schema would keep for themselves. */
  accessFor(user: DatabaseUser): NetworkAccess {
    const pooled = user === 'owner' ? undefined : this.#pooled;
    const { peer, host, readerHost, resourceId } = pooled ?? this.#direct;
    return {
      peer,
      port: POSTGRESQL,
      actions: ['rds-db:connect'],
      resources: [this.userArn(resourceId, user)],
      environment: {
        DB_HOST: host,
        DB_READER_HOST: readerHost,
        DB_PORT: Tokenization.stringifyNumber(this.cluster.clusterEndpoint.port),
        DB_NAME: DATABASE_NAME,
        DB_USER: DATABASE_USERS[user],
        DB_AUTH: 'iam',
        // A proxy's certificate is Amazon's, which Node knows; a cluster's is RDS's own.
        ...(pooled === undefined && { DB_CA_FILE: LAMBDA_CA_FILE }),
      } satisfies DatabaseEnvironment,
    };
  }

  /** From client to proxy and from there to the database with IAM alone, so that the proxy has no secrets to keep. */
  private createProxy({ stage, vpc }: ResultsDatabaseProps): DatabaseProxy {
    const dbProxyName = `${stage.deployment}-results`;
    const role = new Role(this, 'ProxyRole', { assumedBy: new ServicePrincipal('rds.amazonaws.com') });
    const { resourceId } = this.#direct;
    const resources = [this.userArn(resourceId, 'writer'), this.userArn(resourceId, 'reader')];
    role.addToPolicy(new PolicyStatement({ actions: ['rds-db:connect'], resources }));
    const proxy = new DatabaseProxy(this, 'Proxy', {
      dbProxyName,
      proxyTarget: ProxyTarget.fromCluster(this.cluster),
      defaultAuthScheme: DefaultAuthScheme.IAM_AUTH,
      requireTLS: true,
      role,
      vpc,
      vpcSubnets: ISOLATED,
      securityGroups: [createSecurityGroup(this, 'ProxySecurity', vpc, 'The proxy before the database')],
      // AWS advises to leave 30 % to whoever comes directly: migrations, and people.
      maxConnectionsPercent: 70,
      // As long as a client of ours waits; who waits longer has left.
      borrowTimeout: Duration.seconds(30),
    });
    proxy.node.addDependency(createLog(this, 'ProxyLog', `/aws/rds/proxy/${dbProxyName}`, stage));
    return proxy;
  }

  private userArn(resourceId: string, user: DatabaseUser): string {
    return Stack.of(this).formatArn({
      service: 'rds-db',
      resource: 'dbuser',
      resourceName: `${resourceId}/${DATABASE_USERS[user]}`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}

function endpointsOf(proxy: DatabaseProxy, vpc: IVpc): Endpoints {
  const readOnly = proxy.addEndpoint('ReadOnly', {
    vpc,
    vpcSubnets: ISOLATED,
    securityGroups: proxy.connections.securityGroups,
    targetRole: ProxyEndpointTargetRole.READ_ONLY,
  });
  return {
    peer: proxy,
    host: proxy.endpoint,
    readerHost: readOnly.endpoint,
    // arn:aws:rds:<region>:<account>:db-proxy:<id>
    resourceId: Fn.select(6, Fn.split(':', proxy.dbProxyArn)),
  };
}
