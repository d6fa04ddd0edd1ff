import { runSimulation } from '@cloud-copilot/iam-simulate';
import { ACCOUNT } from '../account.ts';
import type { Principal } from '../auth/credentials.ts';
import { AwsError } from '../auth/errors.ts';
import type { Policies } from './policies.ts';

export interface Access {
  readonly action: string;
  /** ARN of what is acted on, or `*`. */
  readonly resource: string;
  /** ARN of what holds the resource's policy, where it is another: an object's bucket. */
  readonly policyHolder?: string;
  readonly context?: Readonly<Record<string, string>>;
}

// What a request over TLS says of itself. The local endpoint speaks plain HTTP, on the loopback interface only.
const TRANSPORT = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3' };

const MAX_DECISIONS = 20_000;

type Decision = 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied';

/** Decides as IAM would, by the policies of the templates, whether a request may be served. */
export class Authoriser {
  readonly #policies: Policies;
  readonly #decisions = new Map<string, Decision>();

  constructor(policies: Policies) {
    this.#policies = policies;
  }

  /**
   * Holds a request against its sender's policies and the resource's; the developer may do everything.
   *
   * @throws AwsError 403 naming action, resource and role
   */
  async authorise(principal: Principal, access: Access): Promise<void> {
    if (principal.role === undefined) return;
    const decision = await this.#decide(principal.arn, principal.role, access);
    if (decision === 'Allowed') return;
    const because =
      decision === 'ExplicitlyDenied'
        ? `with an explicit deny in a policy of the role ${principal.role} or of the resource`
        : `because no identity-based policy of the role ${principal.role} allows the ${access.action} action`;
    throw new AwsError(
      403,
      'AccessDenied',
      `User: ${principal.arn} is not authorized to perform: ${access.action} on resource: "${access.resource}" ${because}`,
    );
  }

  /** Whether an AWS service may act for one of its resources, which only the acted-on resource's policy can allow. */
  async serviceMay(service: string, sourceArn: string, access: Access): Promise<boolean> {
    const context = { ...access.context, 'aws:SourceArn': sourceArn, 'aws:SourceAccount': ACCOUNT };
    return (await this.#decide(service, undefined, { ...access, context })) === 'Allowed';
  }

  /**
   * Whether a role may do something.
   *
   * @throws Error when a policy of the role is not valid
   */
  async roleMay(role: string, access: Access): Promise<boolean> {
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/check`;
    return (await this.#decide(session, role, access)) === 'Allowed';
  }

  async #decide(principal: string, role: string | undefined, access: Access): Promise<Decision> {
    const question = JSON.stringify([principal, access.action, access.resource, access.context]);
    const known = this.#decisions.get(question);
    if (known !== undefined) return known;
    const decision = await this.#simulate(principal, role, access);
    if (this.#decisions.size >= MAX_DECISIONS) this.#decisions.clear();
    this.#decisions.set(question, decision);
    return decision;
  }

  async #simulate(principal: string, role: string | undefined, access: Access): Promise<Decision> {
    const identityPolicies = role === undefined ? [] : [...(this.#policies.ofRoles.get(role) ?? [])];
    const resourcePolicy = this.#policies.ofResources.get(access.policyHolder ?? access.resource);
    const answer = await runSimulation(
      {
        request: {
          principal,
          action: access.action,
          resource: { resource: access.resource, accountId: ACCOUNT },
          contextVariables: { ...TRANSPORT, ...access.context },
        },
        identityPolicies,
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        ...(resourcePolicy === undefined ? {} : { resourcePolicy }),
      },
      {},
    );
    if (answer.resultType === 'error') {
      throw new Error(
        `The policies for ${access.action} of ${role ?? principal} on ${access.resource} cannot be evaluated: ${JSON.stringify(answer.errors)}`,
      );
    }
    return answer.overallResult;
  }
}
