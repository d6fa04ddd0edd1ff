import { type Assembly, asList, at, type LocatedResource, resources, target } from '../template.ts';

const CLUSTER = 'AWS::RDS::DBCluster';

/** Every cluster is encrypted, takes nobody but over TLS and with a token, and can be restored. */
export function clustersAreClosed(assembly: Assembly): string[] {
  return resources(assembly, CLUSTER).flatMap((cluster) => {
    const { stack, where, resource } = cluster;
    const property = (name: string) => at(resource.Properties, name);
    const parameters = stack.template.Resources[target(property('DBClusterParameterGroupName')) ?? ''];
    const findings: string[] = [];
    if (property('StorageEncrypted') !== true) findings.push(`${where} is not encrypted`);
    if (property('EnableIAMDatabaseAuthentication') !== true) findings.push(`${where} takes no tokens`);
    if (property('MasterUserAuthenticationType') !== 'iam-db-auth') findings.push(`${where} has a password`);
    if (property('MasterUserPassword') !== undefined) findings.push(`${where} has a password`);
    if (at(parameters?.Properties ?? {}, 'Parameters', 'rds.force_ssl') !== '1')
      findings.push(`${where} accepts plain connections`);
    if (Number(property('BackupRetentionPeriod') ?? 0) < (assembly.keepsData ? 7 : 1))
      findings.push(`${where} has too few days of backups`);
    return [...findings, ...instanceFindings(assembly, cluster)];
  });
}

function instanceFindings(assembly: Assembly, { stack, where, logicalId }: LocatedResource): string[] {
  const instances = resources(assembly, 'AWS::RDS::DBInstance').filter(
    (instance) =>
      instance.stack === stack &&
      target(at(instance.resource.Properties, 'DBClusterIdentifier')) === logicalId,
  );
  const findings = instances
    .filter(({ resource }) => at(resource.Properties, 'PubliclyAccessible') !== false)
    .map((instance) => `${instance.where} is public`);
  const heirs = instances.filter(({ resource }) => Number(at(resource.Properties, 'PromotionTier')) <= 1);
  if (assembly.keepsData && heirs.length < 2) findings.push(`${where} has nobody to take the writer's place`);
  return findings;
}

/** What RDS writes about a cluster or proxy goes into a log that forgets. */
export function databasesForgetLogs(assembly: Assembly): string[] {
  const forgetting = resources(assembly, 'AWS::Logs::LogGroup')
    .filter(({ resource }) => at(resource.Properties, 'RetentionInDays') !== undefined)
    .map(({ resource }) => String(at(resource.Properties, 'LogGroupName')));
  const clusters = resources(assembly, CLUSTER).flatMap(({ where, resource }) =>
    asList(at(resource.Properties, 'EnableCloudwatchLogsExports')).map((kind) => ({
      where,
      log: `/aws/rds/cluster/${at(resource.Properties, 'DBClusterIdentifier')}/${kind}`,
    })),
  );
  const proxies = resources(assembly, 'AWS::RDS::DBProxy').map(({ where, resource }) => ({
    where,
    log: `/aws/rds/proxy/${at(resource.Properties, 'DBProxyName')}`,
  }));
  return [...clusters, ...proxies]
    .filter(({ log }) => !forgetting.includes(log))
    .map(({ where }) => `${where} logs for ever`);
}

/** Every proxy takes tokens only, over TLS only, and leaves connections to who comes directly. */
export function proxiesAreClosed(assembly: Assembly): string[] {
  return resources(assembly, 'AWS::RDS::DBProxy').flatMap(({ stack, logicalId, where, resource }) => {
    const findings: string[] = [];
    if (at(resource.Properties, 'DefaultAuthScheme') !== 'IAM_AUTH' || at(resource.Properties, 'Auth'))
      findings.push(`${where} takes passwords`);
    if (at(resource.Properties, 'RequireTLS') !== true) findings.push(`${where} accepts plain connections`);
    const group = resources(assembly, 'AWS::RDS::DBProxyTargetGroup').find(
      (candidate) =>
        candidate.stack === stack && target(at(candidate.resource.Properties, 'DBProxyName')) === logicalId,
    );
    const pool = at(group?.resource.Properties ?? {}, 'ConnectionPoolConfigurationInfo');
    if (!(Number(at(pool, 'MaxConnectionsPercent')) <= 70))
      findings.push(`${where} takes all connections of the database`);
    return findings;
  });
}

/** Every cache is bounded in both ways that cost, keeps nothing, and is open to users with tokens only. */
export function cachesAreBounded(assembly: Assembly): string[] {
  const users = resources(assembly, 'AWS::ElastiCache::User')
    .filter(({ resource }) => at(resource.Properties, 'AuthenticationMode', 'Type') !== 'iam')
    .map(({ where }) => `${where} has a password or needs none`);
  const caches = resources(assembly, 'AWS::ElastiCache::ServerlessCache').flatMap(({ where, resource }) => {
    const limits = at(resource.Properties, 'CacheUsageLimits');
    const findings: string[] = [];
    if (at(limits, 'DataStorage', 'Maximum') === undefined) findings.push(`${where} grows without bounds`);
    if (at(limits, 'ECPUPerSecond', 'Maximum') === undefined) findings.push(`${where} works without bounds`);
    if (at(resource.Properties, 'UserGroupId') === undefined) findings.push(`${where} is open to everyone`);
    if (at(resource.Properties, 'SnapshotRetentionLimit') !== 0) findings.push(`${where} keeps snapshots`);
    return findings;
  });
  return [...users, ...caches];
}
