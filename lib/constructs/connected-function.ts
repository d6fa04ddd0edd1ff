import type { IConnectable, IVpc, Port } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { ServiceFunction, type ServiceFunctionProps } from './service-function.ts';

/** What a function needs to come to something in the network. */
export interface NetworkAccess {
  /** Who lets it in, and at which port. */
  readonly peer: IConnectable;
  readonly port: Port;
  /** What its role has to be allowed, and on what. */
  readonly actions: string[];
  readonly resources: string[];
  /** Variables that say where it is. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ConnectedFunctionProps extends ServiceFunctionProps {
  readonly vpc: IVpc;
}

/** What Lambda does on a function's behalf to give it addresses in the network. */
const NETWORK_INTERFACES = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/** A function that lives in the network, with a security group of its own, and comes to what it is let in to. */
export class ConnectedFunction extends ServiceFunction {
  constructor(scope: Construct, id: string, props: ConnectedFunctionProps) {
    super(scope, id, props);
    // On everything, or Lambda refuses the role: it asks before there are interfaces that could be named. The function's
    // own code has no way to reach EC2.
    this.allow(NETWORK_INTERFACES, ['*']);
  }

  /** Lets the function in, and tells it where. */
  connectsTo({ peer, port, actions, resources, environment }: NetworkAccess): void {
    this.function.connections.allowTo(peer, port);
    this.allow(actions, resources);
    for (const [name, value] of Object.entries(environment)) {
      if (value !== undefined) this.function.addEnvironment(name, value);
    }
  }
}
