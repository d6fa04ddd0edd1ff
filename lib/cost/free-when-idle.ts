/** Services of which nothing is paid for that is only there: by request, by what is kept, or not at all. */
const FREE_SERVICES = [
  'ApiGateway',
  'ApplicationAutoScaling',
  'Budgets',
  'CDK',
  'CloudFormation',
  'CodeDeploy',
  'DynamoDB',
  'IAM',
  'Lambda',
  'Logs',
  'S3',
  'SNS',
  'SQS',
];

/** Types of other services, of which some are paid for. */
const FREE_TYPES = [
  'AWS::EC2::FlowLog',
  'AWS::EC2::RouteTable',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::Subnet',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPC',
  'AWS::ElastiCache::User',
  'AWS::ElastiCache::UserGroup',
  // Its instances are paid for, and what it keeps.
  'AWS::RDS::DBCluster',
  'AWS::RDS::DBClusterParameterGroup',
  // Its proxy is paid for.
  'AWS::RDS::DBProxyEndpoint',
  'AWS::RDS::DBProxyTargetGroup',
  'AWS::RDS::DBSubnetGroup',
  // The log of what was turned away, which is paid for by what is in it.
  'AWS::WAFv2::LoggingConfiguration',
  'AWS::WAFv2::WebACLAssociation',
];

/** Whether a resource of a type costs nothing as long as nobody uses it and it keeps nothing. */
export function isFreeWhenIdle(type: string): boolean {
  const [owner, service = ''] = type.split('::');
  // What CloudFormation calls a function for.
  if (owner === 'Custom') return true;
  return FREE_SERVICES.includes(service) || FREE_TYPES.includes(type);
}
