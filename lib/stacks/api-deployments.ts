import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { API_FUNCTIONS, type ApiFunctionName } from '../config/stage.ts';
import { acknowledgeWildcard } from '../constructs/acknowledge-wildcard.ts';
import type { LiveAlias } from '../constructs/live-alias.ts';
import type { OperationalAlarm } from '../constructs/operational-alarm.ts';

export interface ApiDeploymentsProps {
  readonly aliases: Readonly<Record<ApiFunctionName, LiveAlias>>;
  /** Rings for answers of the whole API that are errors of ours. */
  readonly failing: OperationalAlarm;
}

const VERSIONS =
  'Asked of an alias or of a version, which are numbered as they come; always of these functions.';
const ALARMS =
  'It only reads whether alarms ring, and AWS asks for all where it looks for some by their names.';

/**
 * How new versions of the functions come into use: where environments are kept ready, a tenth of the requests for five
 * minutes, then all; elsewhere at once, because a tenth of next to nothing tells nothing. An alarm that rings meanwhile
 * takes all of it back, and CloudFormation the deployment with it: the function's own about invocations that die,
 * and about heartbeats that do not arrive for five minutes, and the API's, because a function that answers every request
 * with an error has not died. The authorizer's is about callers who could not be told, since whom it refuses is an error
 * to Lambda.
 *
 * An alarm that rings already stops a deployment as well. To mend the fault with one, switch the alarms of its group off:
 * `aws deploy update-deployment-group … --alarm-configuration enabled=false`; the next change of the group in the
 * template puts them back.
 *
 * Scaling and a canary both write to the alias, and Lambda refuses the scaling while traffic is shared (`LiveAlias`). That
 * is five minutes of which scaling itself takes four; the alternative, versions with environments of their own, leaves a
 * target of scaling behind with every deployment. So deploy outside the peak. Change the fewest or most environments in
 * a deployment of their own: with a new version at the same time CloudFormation would have to change both at once.
 */
export class ApiDeployments extends Construct {
  constructor(scope: Construct, id: string, { aliases, failing }: ApiDeploymentsProps) {
    super(scope, id);
    const application = new LambdaApplication(this, 'Application');
    const role = this.createRole(Object.values(aliases));
    for (const name of API_FUNCTIONS) {
      const { alias, service, provisioned } = aliases[name];
      new LambdaDeploymentGroup(this, name, {
        application,
        role,
        alias,
        deploymentConfig:
          provisioned === null
            ? LambdaDeploymentConfig.ALL_AT_ONCE
            : LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
        alarms: [...service.alarms, failing],
        autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
      });
    }
  }

  /** May do what AWS's own policy for it allows (AWSCodeDeployRoleForLambdaLimited), but to these functions only. */
  private createRole(aliases: readonly LiveAlias[]): IRole {
    const functions = aliases.map(({ service }) => service.function.functionArn);
    const qualified = functions.map((arn) => `${arn}:*`);
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('codedeploy.amazonaws.com') });
    const allow = (actions: string[], resources: string[]) =>
      role.addToPolicy(new PolicyStatement({ actions, resources }));
    allow(['lambda:GetAlias', 'lambda:UpdateAlias'], functions);
    allow(['lambda:GetProvisionedConcurrencyConfig'], qualified);
    allow(['cloudwatch:DescribeAlarms'], ['*']);
    for (const resource of qualified) acknowledgeWildcard(role, resource, VERSIONS);
    acknowledgeWildcard(role, '*', ALARMS);
    // Every group would attach AWS's policy to it.
    return role.withoutPolicyUpdates();
  }
}
