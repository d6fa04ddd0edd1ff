import { ArnFormat, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

/**
 * The key of alert topics. CloudWatch cannot publish through the AWS-managed SNS key, whose policy nobody can change: an
 * own key is the only way to encrypt them. It protects messages on their way and nothing at rest, so it need not outlive
 * the topics, and KMS waits 30 days before it is gone.
 */
export class AlertKey extends Key {
  /** @param alarmNamePrefix alarms of this account whose names start so may publish */
  constructor(scope: Construct, id: string, { alarmNamePrefix }: { readonly alarmNamePrefix: string }) {
    super(scope, id, {
      description: 'Alerts on their way from CloudWatch to people',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'EncryptForAlarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions: ownAlarms(Stack.of(scope), alarmNamePrefix),
      }),
    );
  }
}

export interface AlertTopicProps {
  readonly key: AlertKey;
  /** Alarms of this account whose names start so may publish. */
  readonly alarmNamePrefix: string;
  /** Who is mailed; SNS asks them to confirm first. */
  readonly email: string | undefined;
}

/** A topic people are alerted through, encrypted, over TLS, and open to this deployment's alarms only. */
export class AlertTopic extends Topic {
  constructor(scope: Construct, id: string, props: AlertTopicProps) {
    super(scope, id, { masterKey: props.key, enforceSSL: true });
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'PublishFromAlarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topicArn],
        conditions: ownAlarms(Stack.of(scope), props.alarmNamePrefix),
      }),
    );
    if (props.email !== undefined) this.mail(props.email);
  }

  private mail(address: string): void {
    const subscription = this.addSubscription(new EmailSubscription(address));
    Validations.of(subscription).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason: 'A lost mail loses nothing: the alarm is still on, and the dashboard shows it.',
    });
  }
}

/** Conditions that keep CloudWatch from acting here for anyone else's alarms. */
function ownAlarms(stack: Stack, alarmNamePrefix: string): Record<string, Record<string, string>> {
  const alarms = stack.formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: `${alarmNamePrefix}*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return { StringEquals: { 'aws:SourceAccount': stack.account }, ArnLike: { 'aws:SourceArn': alarms } };
}
