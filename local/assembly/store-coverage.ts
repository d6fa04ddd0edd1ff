import type { TypeCoverage } from './coverage.ts';

/** What of the types of RDS and ElastiCache is acted on. */
export const STORE_COVERAGE: Readonly<Record<string, TypeCoverage>> = {
  'AWS::RDS::DBCluster': {
    honoured: ['DBClusterIdentifier', 'DatabaseName', 'MasterUsername'],
    withoutEffect: [
      ...['BackupRetentionPeriod', 'CopyTagsToSnapshot', 'DBClusterParameterGroupName', 'DBSubnetGroupName'],
      ...['DatabaseInsightsMode', 'DeletionProtection', 'EnableCloudwatchLogsExports', 'Engine'],
      // Everybody comes with a token, over TLS, whatever these say.
      ...['EnableIAMDatabaseAuthentication', 'MasterUserAuthenticationType', 'EngineVersion', 'Port'],
      ...['PerformanceInsightsEnabled', 'PerformanceInsightsRetentionPeriod', 'StorageEncrypted', 'Tags'],
      ...['ServerlessV2ScalingConfiguration', 'VpcSecurityGroupIds'],
    ],
  },
  'AWS::RDS::DBInstance': {
    honoured: ['DBClusterIdentifier'],
    withoutEffect: [
      ...['AutoMinorVersionUpgrade', 'DBInstanceClass', 'EnablePerformanceInsights', 'Engine'],
      ...['PerformanceInsightsRetentionPeriod', 'PromotionTier', 'PubliclyAccessible', 'Tags'],
    ],
  },
  'AWS::RDS::DBProxy': {
    honoured: ['DBProxyName'],
    withoutEffect: [
      ...['DefaultAuthScheme', 'EngineFamily', 'RequireTLS', 'RoleArn', 'Tags', 'VpcSecurityGroupIds'],
      'VpcSubnetIds',
    ],
  },
  'AWS::RDS::DBProxyEndpoint': {
    honoured: ['DBProxyEndpointName', 'DBProxyName', 'TargetRole'],
    withoutEffect: ['Tags', 'VpcSecurityGroupIds', 'VpcSubnetIds'],
  },
  'AWS::ElastiCache::ServerlessCache': {
    honoured: ['CacheUsageLimits', 'Engine', 'ServerlessCacheName'],
    withoutEffect: [
      ...['Description', 'MajorEngineVersion', 'SecurityGroupIds', 'SnapshotRetentionLimit', 'SubnetIds'],
      ...['Tags', 'UserGroupId'],
    ],
  },
  'AWS::ElastiCache::User': {
    honoured: ['AccessString', 'UserName'],
    withoutEffect: ['AuthenticationMode', 'Engine', 'Tags', 'UserId'],
  },
};
