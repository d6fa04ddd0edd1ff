import { createHash } from 'node:crypto';
import { arn as arnOf, functionArn, mappingArn } from '../account.ts';
import { type Json, scalarText } from './json.ts';
import { isCustomResource } from './without-effect.ts';

/** What `Ref` and `Fn::GetAtt` of a resource give. */
export interface Identity {
  /** The resource's own name, as its service knows it. */
  readonly name: string;
  readonly ref: string;
  /** Attributes by name; undefined when any is answered, for types whose attributes nobody acts on. */
  readonly attributes: Readonly<Record<string, string>> | undefined;
}

/** The resource an identity is asked for. */
export interface IdentitySubject {
  readonly type: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** Resolves one property of the resource. */
  property(name: string): Json | undefined;
}

type Derive = (subject: IdentitySubject) => Identity;

/** Identities that follow from another resource's or that AWS makes up, where no property gives a name. */
const DERIVATIONS: Readonly<Record<string, Derive>> = {
  // A version is the code of now, which is the only one there is.
  'AWS::Lambda::Version': (subject) => {
    const arn = `${functionArn(text(subject, 'FunctionName'))}:1`;
    return { name: arn, ref: arn, attributes: { Version: '1', FunctionArn: arn } };
  },
  'AWS::Lambda::Alias': (subject) => {
    const arn = `${functionArn(text(subject, 'FunctionName'))}:${text(subject, 'Name')}`;
    return { name: arn, ref: arn, attributes: { AliasArn: arn } };
  },
  'AWS::Lambda::EventSourceMapping': (subject) => {
    const id = uuid(subject);
    return { name: id, ref: id, attributes: { Id: id, EventSourceMappingArn: mappingArn(id) } };
  },
  'AWS::ApplicationAutoScaling::ScalableTarget': (subject) => {
    const of = (name: string) => text(subject, name);
    const id = [of('ResourceId'), of('ScalableDimension'), of('ServiceNamespace')].join('|');
    return { name: id, ref: id, attributes: { Id: id } };
  },
  'AWS::ApplicationAutoScaling::ScalingPolicy': (subject) => {
    const { resourceId, namespace } = scaledResource(subject);
    const place = `resource/${namespace}/${resourceId}:policyName/${text(subject, 'PolicyName')}`;
    const policyArn = arnOf('autoscaling', `scalingPolicy:${uuid(subject)}:${place}`);
    return { name: policyArn, ref: policyArn, attributes: { Arn: policyArn } };
  },
  'AWS::ApiGateway::RestApi': (subject) => {
    const id = shortId(subject);
    const root = shortId({ ...subject, logicalId: `${subject.logicalId}/` });
    return { name: id, ref: id, attributes: { RestApiId: id, RootResourceId: root } };
  },
  'AWS::ApiGateway::Account': byId('Id'),
  'AWS::ApiGateway::ApiKey': byId('APIKeyId'),
  'AWS::ApiGateway::Authorizer': byId('AuthorizerId'),
  'AWS::ApiGateway::Deployment': byId('DeploymentId'),
  'AWS::ApiGateway::GatewayResponse': byId('Id'),
  'AWS::ApiGateway::Model': byName('Name'),
  'AWS::ApiGateway::RequestValidator': byId('RequestValidatorId'),
  'AWS::ApiGateway::Resource': byId('ResourceId'),
  'AWS::ApiGateway::Stage': byName('StageName'),
  'AWS::ApiGateway::UsagePlan': byId('Id'),
  'AWS::ApiGateway::UsagePlanKey': byId('Id'),
};

/** The identity of a resource whose name no property of its own gives; undefined for other types. */
export function derivedIdentity(subject: IdentitySubject): Identity | undefined {
  // What its function would answer is not known yet: a reference to it is an error.
  if (isCustomResource(subject.type))
    return { name: subject.logicalId, ref: shortId(subject), attributes: {} };
  return DERIVATIONS[subject.type]?.(subject);
}

function byId(attribute: string): Derive {
  return (subject) => {
    const id = shortId(subject);
    return { name: id, ref: id, attributes: { [attribute]: id } };
  };
}

function byName(property: string): Derive {
  return (subject) => {
    const given = subject.property(property);
    const name = given === undefined ? shortId(subject) : scalarText(given, subject.logicalId);
    return { name, ref: name, attributes: {} };
  };
}

/** Ten letters and digits, like the ids of API Gateway. */
function shortId({ stackName, logicalId }: IdentitySubject): string {
  const hash = createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex');
  return BigInt(`0x${hash}`).toString(36).slice(-10);
}

/** A UUID of the form that a random one has. */
function uuid({ stackName, logicalId }: IdentitySubject): string {
  const hash = createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex');
  return hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}

/** What a policy scales, which the id of its target says, or it says itself. */
function scaledResource(subject: IdentitySubject): { resourceId: string; namespace: string } {
  if (subject.property('ScalingTargetId') === undefined)
    return { resourceId: text(subject, 'ResourceId'), namespace: text(subject, 'ServiceNamespace') };
  const [resourceId = '', , namespace = ''] = text(subject, 'ScalingTargetId').split('|');
  return { resourceId, namespace };
}

function text({ logicalId, property }: IdentitySubject, name: string): string {
  return scalarText(property(name), `${logicalId}.${name}`);
}
