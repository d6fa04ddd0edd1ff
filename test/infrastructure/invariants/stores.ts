import { type Assembly, asList, at, resources } from '../template.ts';
import { refusesPlainHttp, statementsFor } from './statements.ts';

const TABLES = ['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'];
const CLUSTER = 'AWS::RDS::DBCluster';
const STORES = ['AWS::S3::Bucket', CLUSTER, ...TABLES];

/** Every bucket is closed to the public, encrypted, over TLS only, and lets what it holds expire. */
export function bucketsArePrivate(assembly: Assembly): string[] {
  return resources(assembly, 'AWS::S3::Bucket').flatMap((bucket) => {
    const { where, resource } = bucket;
    const property = (...path: (string | number)[]) => at(resource.Properties, ...path);
    const findings: string[] = [];
    for (const block of [
      'BlockPublicAcls',
      'BlockPublicPolicy',
      'IgnorePublicAcls',
      'RestrictPublicBuckets',
    ]) {
      if (property('PublicAccessBlockConfiguration', block) !== true)
        findings.push(`${where}: ${block} is off`);
    }
    if (property('AccessControl') !== undefined) findings.push(`${where} has an ACL`);
    if (property('BucketEncryption', 'ServerSideEncryptionConfiguration', 0) === undefined) {
      findings.push(`${where} is not encrypted`);
    }
    if (!statementsFor(bucket, 'AWS::S3::BucketPolicy', 'Bucket').some(refusesPlainHttp)) {
      findings.push(`${where} accepts plain HTTP`);
    }
    const rules = asList(property('LifecycleConfiguration', 'Rules'));
    if (
      !rules.some((rule) => at(rule, 'ExpirationInDays') !== undefined && at(rule, 'Status') === 'Enabled')
    ) {
      findings.push(`${where} keeps everything for ever`);
    }
    return findings;
  });
}

/** Every topic is encrypted and refuses plain HTTP. */
export function topicsAreEncrypted(assembly: Assembly): string[] {
  return resources(assembly, 'AWS::SNS::Topic').flatMap((topic) => {
    const findings: string[] = [];
    if (at(topic.resource.Properties, 'KmsMasterKeyId') === undefined)
      findings.push(`${topic.where} is not encrypted`);
    if (!statementsFor(topic, 'AWS::SNS::TopicPolicy', 'Topics').some(refusesPlainHttp)) {
      findings.push(`${topic.where} accepts plain HTTP`);
    }
    return findings;
  });
}

/** Every table can be restored to any second, expires records, and is paid by the request. */
export function tablesAreRecoverable(assembly: Assembly): string[] {
  return resources(assembly, ...TABLES).flatMap(({ where, resource }) => {
    const findings = asList(at(resource.Properties, 'Replicas') ?? resource.Properties)
      .filter((copy) => at(copy, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled') !== true)
      .map(() => `${where} has no point-in-time recovery`);
    if (at(resource.Properties, 'TimeToLiveSpecification', 'Enabled') !== true) {
      findings.push(`${where} never expires a record`);
    }
    if (at(resource.Properties, 'BillingMode') !== 'PAY_PER_REQUEST')
      findings.push(`${where} is not on demand`);
    return findings;
  });
}

/** Where data is kept, stores survive their stack and their stack refuses deletion; in dev both go without a trace. */
export function storesAreKept(assembly: Assembly): string[] {
  const policy = assembly.keepsData ? 'Retain' : 'Delete';
  return resources(assembly, ...STORES).flatMap(({ stack, where, resource }) => {
    const findings: string[] = [];
    if (resource.DeletionPolicy !== policy || resource.UpdateReplacePolicy !== policy) {
      findings.push(`${where}: its deletion policies are not ${policy}`);
    }
    if (stack.terminationProtection !== assembly.keepsData) {
      findings.push(`${where}: termination protection of ${stack.id} is ${stack.terminationProtection}`);
    }
    if (resource.Type === CLUSTER && at(resource.Properties, 'DeletionProtection') !== assembly.keepsData) {
      findings.push(`${where}: its deletion protection is not ${assembly.keepsData}`);
    }
    if (TABLES.includes(resource.Type)) {
      for (const copy of asList(at(resource.Properties, 'Replicas') ?? resource.Properties)) {
        if ((at(copy, 'DeletionProtectionEnabled') ?? false) !== assembly.keepsData) {
          findings.push(`${where}: its deletion protection is not ${assembly.keepsData}`);
        }
      }
    }
    return findings;
  });
}
