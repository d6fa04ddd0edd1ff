const NO_NETWORK = 'functions run on this machine and reach whatever it reaches';
const NO_FIREWALL = 'every connection on this machine is let through';
const ONE_VERSION = 'the code of now is the only version there is';

/** Types that have no effect here, on purpose, each with the reason. */
export const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  'AWS::Budgets::Budget': 'nothing is paid for here',
  'AWS::CDK::Metadata': 'it only counts constructs for AWS',
  'AWS::CloudWatch::Dashboard': 'metrics are told to those who ask, and drawn nowhere',
  'AWS::Lambda::EventInvokeConfig':
    'events are handed over at once, and none that failed is handed over again',
  'AWS::Logs::MetricFilter': 'lines of logs are not counted',
  'AWS::Logs::QueryDefinition': 'logs are files',
  'AWS::KMS::Alias': 'keys are only their policies',

  'AWS::EC2::EIP': NO_NETWORK,
  'AWS::EC2::FlowLog': 'there is no network whose packets it could log',
  'AWS::EC2::InternetGateway': NO_NETWORK,
  'AWS::EC2::NatGateway': NO_NETWORK,
  'AWS::EC2::NetworkAcl': NO_FIREWALL,
  'AWS::EC2::NetworkAclEntry': NO_FIREWALL,
  'AWS::EC2::Route': NO_NETWORK,
  'AWS::EC2::RouteTable': NO_NETWORK,
  'AWS::EC2::SecurityGroup': NO_FIREWALL,
  'AWS::EC2::SecurityGroupEgress': NO_FIREWALL,
  'AWS::EC2::SecurityGroupIngress': NO_FIREWALL,
  'AWS::EC2::Subnet': NO_NETWORK,
  'AWS::EC2::SubnetNetworkAclAssociation': NO_FIREWALL,
  'AWS::EC2::SubnetRouteTableAssociation': NO_NETWORK,
  'AWS::EC2::VPC': NO_NETWORK,
  'AWS::EC2::VPCEndpoint':
    'functions reach every service through the one endpoint, and its policy is not evaluated',
  'AWS::EC2::VPCGatewayAttachment': NO_NETWORK,
  'Custom::VpcRestrictDefaultSG': NO_FIREWALL,

  'AWS::ApiGateway::Account': 'the log of the API is a file',
  'AWS::WAFv2::WebACL': 'nobody but this machine can send requests to the API',
  'AWS::WAFv2::WebACLAssociation': 'nobody but this machine can send requests to the API',
  'AWS::WAFv2::LoggingConfiguration': 'nobody but this machine can send requests to the API',
  'AWS::CodeDeploy::Application': ONE_VERSION,
  'AWS::CodeDeploy::DeploymentGroup': ONE_VERSION,

  'AWS::RDS::DBClusterParameterGroup': 'the database has settings of its own, and speaks TLS only',
  'AWS::RDS::DBProxyTargetGroup': 'nothing pools connections before the database',
  'AWS::RDS::DBSubnetGroup': NO_NETWORK,
  'AWS::ElastiCache::UserGroup': 'the cache has the one user there is',
};

/** Whether a type is one whose work a function of the templates does. */
export function isCustomResource(type: string): boolean {
  return (
    (type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource') &&
    !(type in WITHOUT_EFFECT)
  );
}

/** Reason by type, of the types among the resources that have no effect here. */
export function withoutEffect(resources: readonly { readonly type: string }[]): Record<string, string> {
  const types = new Set(resources.map(({ type }) => type));
  return Object.fromEntries(Object.entries(WITHOUT_EFFECT).filter(([type]) => types.has(type)));
}
