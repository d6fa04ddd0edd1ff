import { type Break, drop, set, stack, unset } from './mutations.ts';

/** Mistakes with the network and who lives in it. */
export const NETWORK_BREAKS: readonly Break[] = [
  {
    invariant: 'networksAreIsolated',
    what: 'a way out',
    inflict: (assembly) => {
      const nat = { Type: 'AWS::EC2::NatGateway', Properties: {} };
      Object.assign(stack(assembly, 'Network').template.Resources, { Nat: nat });
    },
    finding: 'Network/Nat is a way out',
  },
  {
    invariant: 'networksAreIsolated',
    what: 'public addresses',
    inflict: set('Network', 'VpcIsolatedSubnet1Subnet', { MapPublicIpOnLaunch: true }),
    finding: 'gives public addresses',
  },
  {
    invariant: 'networksAreIsolated',
    what: 'an endpoint that costs by the hour',
    inflict: set('Network', 'VpcTables', { VpcEndpointType: 'Interface' }),
    finding: 'costs by the hour',
  },
  {
    invariant: 'networksAreIsolated',
    what: 'a gateway for everything',
    inflict: unset('Network', 'VpcObjects', 'PolicyDocument'),
    finding: 'lets all through',
  },
  {
    invariant: 'networksLogRejections',
    what: 'a network that records nothing',
    stage: 'dev',
    inflict: drop('Network', 'VpcRejectedFlowLog'),
    finding: 'has no flow log',
  },
  {
    invariant: 'securityGroupsAreNarrow',
    what: 'a database open to addresses',
    inflict: set('Storage', 'DatabaseClusterSecurity', {
      SecurityGroupIngress: [{ CidrIp: '10.42.0.0/16', FromPort: 5432, ToPort: 5432, IpProtocol: 'tcp' }],
    }),
    finding: 'lets 10.42.0.0/16 in',
  },
  {
    invariant: 'securityGroupsAreNarrow',
    what: 'a proxy that may go anywhere',
    inflict: set('Storage', 'DatabaseProxySecurity', {
      SecurityGroupEgress: [{ CidrIp: '0.0.0.0/0', IpProtocol: '-1' }],
    }),
    finding: 'lets all out',
  },
  {
    invariant: 'connectedFunctionsAreInside',
    what: 'a function that looks for the database from outside',
    inflict: set('Processing', 'PipelineSweepFunction', { Environment: { Variables: { DB_HOST: 'there' } } }),
    finding: 'is not in two subnets of the network',
  },
];
