import { RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

export interface PrivateBucketProps {
  /** Whether the bucket stays when its stack goes. */
  readonly retained: boolean;
  readonly versioned: boolean;
  /** Required: what is put in and never expires is a bill that only grows. */
  readonly lifecycleRules: LifecycleRule[];
  /** Where S3 records who fetched what, and under which prefix. */
  readonly accessLog?: { readonly bucket: PrivateBucket; readonly prefix: string };
}

/** A bucket nobody can open to the public: encrypted, over TLS 1.2 or later only, with objects that expire. */
export class PrivateBucket extends Bucket {
  constructor(
    scope: Construct,
    id: string,
    { retained, versioned, lifecycleRules, accessLog }: PrivateBucketProps,
  ) {
    super(scope, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // S3's own keys: nothing in daily advertising figures asks for a key of its own, and whoever uploads with a
      // presigned link or the AWS CLI then needs no permission on one.
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      versioned,
      lifecycleRules,
      ...(accessLog && {
        serverAccessLogsBucket: accessLog.bucket,
        serverAccessLogsPrefix: accessLog.prefix,
      }),
    });
  }

  /** Never; and said with a type that the library's own bucket interface takes under exact optional properties. */
  override get isWebsite(): boolean {
    return false;
  }
}
