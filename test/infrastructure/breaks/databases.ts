import { type Break, drop, resource, set, unset } from './mutations.ts';

/** Mistakes with the database and the cache. */
export const DATABASE_BREAKS: readonly Break[] = [
  {
    invariant: 'clustersAreClosed',
    what: 'a database in plain text',
    inflict: unset('Storage', 'DatabaseCluster', 'StorageEncrypted'),
    finding: 'is not encrypted',
  },
  {
    invariant: 'clustersAreClosed',
    what: 'a database without tokens',
    inflict: set('Storage', 'DatabaseCluster', { EnableIAMDatabaseAuthentication: false }),
    finding: 'takes no tokens',
  },
  {
    invariant: 'clustersAreClosed',
    what: 'an owner with a password',
    stage: 'dev',
    inflict: unset('Storage', 'DatabaseCluster', 'MasterUserAuthenticationType'),
    finding: 'has a password',
  },
  {
    invariant: 'clustersAreClosed',
    what: 'connections without TLS',
    inflict: set('Storage', 'DatabaseParameters', { Parameters: { 'rds.force_ssl': '0' } }),
    finding: 'accepts plain connections',
  },
  {
    invariant: 'clustersAreClosed',
    what: 'a day of backups where data is kept',
    inflict: set('Storage', 'DatabaseCluster', { BackupRetentionPeriod: 1 }),
    finding: 'has too few days of backups',
  },
  {
    invariant: 'clustersAreClosed',
    what: 'a public instance',
    inflict: set('Storage', 'DatabaseClusterWriter', { PubliclyAccessible: true }),
    finding: 'is public',
  },
  {
    invariant: 'clustersAreClosed',
    what: 'readers too small for the writer',
    inflict: set('Storage', 'DatabaseClusterReader1', { PromotionTier: 2 }),
    finding: "has nobody to take the writer's place",
  },
  {
    invariant: 'databasesForgetLogs',
    what: 'a log that RDS makes by itself',
    inflict: drop('Storage', 'DatabaseLog'),
    finding: 'DatabaseCluster5B53A178 logs for ever',
  },
  {
    invariant: 'databasesForgetLogs',
    what: 'a log of a proxy that is kept for ever',
    inflict: unset('Storage', 'DatabaseProxyLog', 'RetentionInDays'),
    finding: 'DatabaseProxyE01FC4E6 logs for ever',
  },
  {
    invariant: 'proxiesAreClosed',
    what: 'a proxy with secrets',
    inflict: set('Storage', 'DatabaseProxy', { Auth: [{ AuthScheme: 'SECRETS' }] }),
    finding: 'takes passwords',
  },
  {
    invariant: 'proxiesAreClosed',
    what: 'a proxy without TLS',
    inflict: set('Storage', 'DatabaseProxy', { RequireTLS: false }),
    finding: 'accepts plain connections',
  },
  {
    invariant: 'proxiesAreClosed',
    what: 'a proxy that leaves no connections',
    inflict: unset('Storage', 'DatabaseProxyProxyTargetGroup', 'ConnectionPoolConfigurationInfo'),
    finding: 'takes all connections',
  },
  {
    invariant: 'cachesAreBounded',
    what: 'a cache that grows',
    inflict: set('Storage', 'Cache', { CacheUsageLimits: { ECPUPerSecond: { Maximum: 1000 } } }),
    finding: 'grows without bounds',
  },
  {
    invariant: 'cachesAreBounded',
    what: 'a cache that works without bounds',
    inflict: set('Storage', 'Cache', { CacheUsageLimits: { DataStorage: { Maximum: 1 } } }),
    finding: 'works without bounds',
  },
  {
    invariant: 'cachesAreBounded',
    what: 'a cache without users',
    inflict: unset('Storage', 'Cache', 'UserGroupId'),
    finding: 'is open to everyone',
  },
  {
    invariant: 'cachesAreBounded',
    what: 'a user of the cache without a token',
    inflict: set('Storage', 'CacheUser', { AuthenticationMode: { Type: 'no-password-required' } }),
    finding: 'has a password or needs none',
  },
  {
    invariant: 'cachesAreBounded',
    what: 'snapshots of what can be computed again',
    inflict: unset('Storage', 'Cache', 'SnapshotRetentionLimit'),
    finding: 'keeps snapshots',
  },
  {
    invariant: 'storesAreKept',
    what: 'a database that can be deleted',
    inflict: set('Storage', 'DatabaseCluster', { DeletionProtection: false }),
    finding: 'DatabaseCluster5B53A178: its deletion protection is not true',
  },
  {
    invariant: 'storesAreKept',
    what: 'a database deleted with its stack',
    inflict: (assembly) => {
      resource(assembly, 'Storage', 'DatabaseCluster').DeletionPolicy = 'Snapshot';
    },
    finding: 'DatabaseCluster5B53A178: its deletion policies are not Retain',
  },
];
