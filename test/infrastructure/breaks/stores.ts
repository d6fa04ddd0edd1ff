import { type Break, drop, resource, set, unset } from './mutations.ts';

/** Mistakes with buckets, topics and tables. */
export const STORE_BREAKS: readonly Break[] = [
  {
    invariant: 'bucketsArePrivate',
    what: 'a bucket with one block of public access off',
    inflict: set('Storage', 'Data', { PublicAccessBlockConfiguration: { BlockPublicAcls: true } }),
    finding: 'Data666C94C7: RestrictPublicBuckets is off',
  },
  {
    invariant: 'bucketsArePrivate',
    what: 'a bucket with an ACL',
    inflict: set('Storage', 'AccessLogs', { AccessControl: 'PublicRead' }),
    finding: 'has an ACL',
  },
  {
    invariant: 'bucketsArePrivate',
    what: 'a bucket in plain text',
    inflict: unset('Storage', 'Data', 'BucketEncryption'),
    finding: 'is not encrypted',
  },
  {
    invariant: 'bucketsArePrivate',
    what: 'a bucket open to plain HTTP',
    inflict: drop('Storage', 'DataPolicy'),
    finding: 'Data666C94C7 accepts plain HTTP',
  },
  {
    invariant: 'bucketsArePrivate',
    what: 'a bucket that only grows',
    inflict: unset('Storage', 'AccessLogs', 'LifecycleConfiguration'),
    finding: 'keeps everything for ever',
  },
  {
    invariant: 'topicsAreEncrypted',
    what: 'a topic in plain text',
    inflict: unset('Storage', 'Alerts', 'KmsMasterKeyId'),
    finding: 'Alerts91F83244 is not encrypted',
  },
  {
    invariant: 'topicsAreEncrypted',
    what: 'a topic open to plain HTTP',
    inflict: drop('Storage', 'AlertsPolicy'),
    finding: 'accepts plain HTTP',
  },
  {
    invariant: 'tablesAreRecoverable',
    what: 'a replica without point-in-time recovery',
    inflict: set('Storage', 'Jobs', { Replicas: [{ Region: { Ref: 'AWS::Region' } }] }),
    finding: 'has no point-in-time recovery',
  },
  {
    invariant: 'tablesAreRecoverable',
    what: 'a table that never expires a record',
    inflict: unset('Storage', 'Jobs', 'TimeToLiveSpecification'),
    finding: 'never expires a record',
  },
  {
    invariant: 'tablesAreRecoverable',
    what: 'provisioned capacity',
    inflict: set('Storage', 'Jobs', { BillingMode: 'PROVISIONED' }),
    finding: 'is not on demand',
  },
  {
    invariant: 'storesAreKept',
    what: 'a store deleted with its stack',
    inflict: (assembly) => {
      resource(assembly, 'Storage', 'Data').DeletionPolicy = 'Delete';
    },
    finding: 'Data666C94C7: its deletion policies are not Retain',
  },
  {
    invariant: 'storesAreKept',
    what: 'a stack of stores that can be deleted',
    inflict: (assembly) => {
      const { stacks } = assembly;
      assembly.stacks = stacks.map((each) => ({ ...each, terminationProtection: false }));
    },
    finding: 'termination protection of Storage is false',
  },
  {
    invariant: 'storesAreKept',
    what: 'a table that can be deleted',
    inflict: set('Storage', 'Jobs', { Replicas: [{ Region: { Ref: 'AWS::Region' } }] }),
    finding: 'its deletion protection is not true',
  },
  {
    invariant: 'storesAreKept',
    what: 'a store that outlives a dev stack',
    stage: 'dev',
    inflict: (assembly) => {
      resource(assembly, 'Storage', 'AccessLogs').DeletionPolicy = 'Retain';
    },
    finding: 'its deletion policies are not Delete',
  },
];
