import { Fn, RemovalPolicy } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  type GatewayVpcEndpoint,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Stage } from '../config/stage.ts';
import { StageStack, type StageStackProps } from './stage-stack.ts';

/**
 * Where the database and the cache live, and the functions that speak to them: subnets without any way out but the
 * gateways to S3 and DynamoDB. There is neither NAT nor an interface endpoint, so none of it costs anything by the hour.
 */
export class NetworkStack extends StageStack {
  readonly vpc: Vpc;

  constructor(scope: Construct, id: string, { stage }: StageStackProps) {
    super(scope, id, stage, {
      purpose: 'network',
      description: 'CreativeDynamics: isolated subnets, gateways to S3 and DynamoDB',
      holdsData: false,
    });
    this.vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.42.0.0/16'),
      // As many as a template that names no Region can count on; what fails over needs two.
      maxAzs: 2,
      natGateways: 0,
      // 4,091 addresses each: a function takes one for every set of security groups and subnet, a proxy a few.
      subnetConfiguration: [{ name: 'Isolated', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 20 }],
      // Emptying it takes a function that may change every security group of the account, and nothing is ever in it.
      restrictDefaultSecurityGroup: false,
    });
    const objects = this.vpc.addGatewayEndpoint('Objects', { service: GatewayVpcEndpointAwsService.S3 });
    allowOwnAccount(objects, 's3');
    allowAnsweringCloudFormation(objects);
    const tables = this.vpc.addGatewayEndpoint('Tables', { service: GatewayVpcEndpointAwsService.DYNAMODB });
    allowOwnAccount(tables, 'dynamodb');
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

/** What leaves through an endpoint goes from this account's roles to this account's resources, whatever they may besides. */
function allowOwnAccount(endpoint: GatewayVpcEndpoint, service: string): void {
  const { account } = endpoint.stack;
  endpoint.addToPolicy(
    new PolicyStatement({
      sid: 'OwnAccount',
      principals: [new AnyPrincipal()],
      actions: [`${service}:*`],
      resources: ['*'],
      conditions: {
        StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account },
      },
    }),
  );
}

/** Custom resources answer CloudFormation by putting an object into a bucket of AWS's own, with a presigned link. */
function allowAnsweringCloudFormation(endpoint: GatewayVpcEndpoint): void {
  const { partition, region } = endpoint.stack;
  const regionWithoutHyphens = Fn.join('', Fn.split('-', region));
  endpoint.addToPolicy(
    new PolicyStatement({
      sid: 'AnswerCloudFormation',
      principals: [new AnyPrincipal()],
      actions: ['s3:PutObject'],
      resources: [`arn:${partition}:s3:::cloudformation-custom-resource-response-${regionWithoutHyphens}/*`],
    }),
  );
}
