import { RemovalPolicy } from 'aws-cdk-lib';
import { FlowLogDestination, FlowLogTrafficType } from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Stage } from '../config/stage.ts';
import { IsolatedVpc } from '../constructs/isolated-vpc.ts';
import { StageStack, type StageStackProps } from './stage-stack.ts';

/**
 * Where the database and the cache live, and the functions that speak to them. There is neither NAT nor an interface
 * endpoint, so none of it costs anything by the hour.
 */
export class NetworkStack extends StageStack {
  readonly vpc: IsolatedVpc;

  constructor(scope: Construct, id: string, { stage }: StageStackProps) {
    super(scope, id, stage, {
      purpose: 'network',
      description: 'CreativeDynamics: isolated subnets, gateways to S3 and DynamoDB',
      holdsData: false,
    });
    this.vpc = new IsolatedVpc(this, 'Vpc');
    this.logRejectedTraffic(stage);
  }

  /** What was let through is in the services' own logs; what was not is a security group that misses a rule, or worse. */
  private logRejectedTraffic(stage: Stage): void {
    const log = new LogGroup(this, 'RejectedTraffic', {
      retention: stage.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.vpc.addFlowLog('Rejected', {
      destination: FlowLogDestination.toCloudWatchLogs(log),
      trafficType: FlowLogTrafficType.REJECT,
    });
  }
}
