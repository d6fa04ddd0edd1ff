import { Fn } from 'aws-cdk-lib';
import {
  type GatewayVpcEndpoint,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** A network without any way out but the gateways to S3 and DynamoDB, which are only for what this account owns. */
export class IsolatedVpc extends Vpc {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      ipAddresses: IpAddresses.cidr('10.42.0.0/16'),
      // As many as a template that names no Region can count on; what fails over needs two.
      maxAzs: 2,
      natGateways: 0,
      // 4,091 addresses each: a function takes one for every set of security groups and subnet, a proxy a few.
      subnetConfiguration: [{ name: 'Isolated', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 20 }],
      // Emptying it takes a function that may change every security group of the account, and nothing is ever in it.
      restrictDefaultSecurityGroup: false,
    });
    const objects = this.addGatewayEndpoint('Objects', { service: GatewayVpcEndpointAwsService.S3 });
    allowOwnAccount(objects, 's3');
    allowAnsweringCloudFormation(objects);
    const tables = this.addGatewayEndpoint('Tables', { service: GatewayVpcEndpointAwsService.DYNAMODB });
    allowOwnAccount(tables, 'dynamodb');
  }

  /** None; and said with a type that the library's own interface takes under exact optional properties. */
  override get vpnGatewayId(): string {
    return '';
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
