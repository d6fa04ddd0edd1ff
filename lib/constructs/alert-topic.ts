import { ArnFormat, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

export interface AlertTopicProps {
  /** Alarms of this account whose names start so may publish. */
  readonly alarmNamePrefix: string;
  /** Who is mailed; SNS asks them to confirm first. */
  readonly email: string | undefined;
}

/** The topic people are alerted through, encrypted, over TLS, and open to this deployment's alarms only. */
export class AlertTopic extends Topic {
  constructor(scope: Construct, id: string, props: AlertTopicProps) {
    // CloudWatch cannot publish through the AWS-managed SNS key, whose policy nobody can change: an own key is the
    // only way to encrypt this topic. It protects messages on their way and nothing at rest, so it need not outlive
    // the topic, and KMS waits 30 days before it is gone.
    const masterKey = new Key(scope, `${id}Key`, {
      description: 'Alerts on their way from CloudWatch to people',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    super(scope, id, { masterKey, enforceSSL: true });

    const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com');
    const conditions = ownAlarms(Stack.of(scope), props.alarmNamePrefix);
    masterKey.addToResourcePolicy(
      new PolicyStatement({
        sid: 'EncryptForAlarms',
        principals: [cloudWatch],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions,
      }),
    );
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'PublishFromAlarms',
        principals: [cloudWatch],
        actions: ['sns:Publish'],
        resources: [this.topicArn],
        conditions,
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
