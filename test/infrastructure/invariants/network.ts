import { type Assembly, asList, at, flatten, resources, target } from '../template.ts';

const WAYS_OUT = [
  'AWS::EC2::NatGateway',
  'AWS::EC2::InternetGateway',
  'AWS::EC2::EgressOnlyInternetGateway',
  'AWS::EC2::VPCPeeringConnection',
  'AWS::EC2::VPNGateway',
  'AWS::EC2::Route',
];
const ANYWHERE = ['0.0.0.0/0', '::/0'];

/** No subnet has a way out but gateway endpoints, which cost nothing and have a policy, and none gives public addresses. */
export function networksAreIsolated(assembly: Assembly): string[] {
  return [
    ...resources(assembly, ...WAYS_OUT).map(({ where }) => `${where} is a way out`),
    ...resources(assembly, 'AWS::EC2::Subnet')
      .filter(({ resource }) => at(resource.Properties, 'MapPublicIpOnLaunch') !== false)
      .map(({ where }) => `${where} gives public addresses`),
    ...resources(assembly, 'AWS::EC2::VPCEndpoint').flatMap(({ where, resource }) => {
      const findings: string[] = [];
      if (at(resource.Properties, 'VpcEndpointType') !== 'Gateway')
        findings.push(`${where} costs by the hour`);
      if (at(resource.Properties, 'PolicyDocument') === undefined) findings.push(`${where} lets all through`);
      return findings;
    }),
  ];
}

/** Every network records what it turned away. */
export function networksLogRejections(assembly: Assembly): string[] {
  return resources(assembly, 'AWS::EC2::VPC')
    .filter(
      ({ stack, logicalId }) =>
        !resources(assembly, 'AWS::EC2::FlowLog').some(
          (log) => log.stack === stack && target(at(log.resource.Properties, 'ResourceId')) === logicalId,
        ),
    )
    .map(({ where }) => `${where} has no flow log`);
}

/** Nobody is let in by address, and who may leave to any address may only by HTTPS, which the gateways speak. */
export function securityGroupsAreNarrow(assembly: Assembly): string[] {
  const inline = resources(assembly, 'AWS::EC2::SecurityGroup').flatMap(({ where, resource }) => [
    ...asList(at(resource.Properties, 'SecurityGroupIngress')).map((rule) => ({
      where,
      rule,
      isIngress: true,
    })),
    ...asList(at(resource.Properties, 'SecurityGroupEgress')).map((rule) => ({
      where,
      rule,
      isIngress: false,
    })),
  ]);
  const apart = resources(assembly, 'AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress').map(
    ({ where, resource }) => ({
      where,
      rule: resource.Properties,
      isIngress: resource.Type === 'AWS::EC2::SecurityGroupIngress',
    }),
  );
  return [...inline, ...apart].flatMap(({ where, rule, isIngress }) => {
    const range = String(at(rule, 'CidrIp') ?? at(rule, 'CidrIpv6') ?? '');
    if (isIngress && range !== '') return [`${where} lets ${range} in`];
    const ports = [at(rule, 'FromPort'), at(rule, 'ToPort')].join('-');
    if (!isIngress && ANYWHERE.includes(range) && ports !== '443-443') return [`${where} lets all out`];
    return [];
  });
}

/** A function that may connect to the database or the cache lives in the network, where these are. */
export function connectedFunctionsAreInside(assembly: Assembly): string[] {
  return resources(assembly, 'AWS::Lambda::Function')
    .filter(({ resource }) => {
      const variables = at(resource.Properties, 'Environment', 'Variables');
      return at(variables, 'DB_HOST') !== undefined || at(variables, 'CACHE_HOST') !== undefined;
    })
    .flatMap(({ where, resource }) => {
      const subnets = asList(at(resource.Properties, 'VpcConfig', 'SubnetIds')).map(flatten);
      return new Set(subnets).size < 2 ? [`${where} is not in two subnets of the network`] : [];
    });
}
