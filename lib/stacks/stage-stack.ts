import { Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Stage } from '../config/stage.ts';

/** Tag by which costs are told apart: it stays what it is when the deployment grows into another stage. */
export const DEPLOYMENT_TAG = 'deployment';

export interface StageStackProps {
  readonly stage: Stage;
}

export interface StageStackOptions {
  /** Last part of the stack's name, after the deployment's. */
  readonly purpose: string;
  readonly description: string;
  /** Whether deleting the stack would lose something; outside dev it then refuses to be deleted. */
  readonly holdsData: boolean;
}

/**
 * A stack of a stage: named, tagged and protected alike. It names no account and no Region, so the same template
 * deploys anywhere and synthesis asks AWS nothing.
 */
export abstract class StageStack extends Stack {
  protected constructor(scope: Construct, id: string, stage: Stage, options: StageStackOptions) {
    super(scope, id, {
      stackName: `${stage.deployment}-${options.purpose}`,
      description: options.description,
      terminationProtection: stage.keepsData && options.holdsData,
    });
    Tags.of(this).add('application', 'creative-dynamics');
    Tags.of(this).add('stage', stage.name);
    Tags.of(this).add(DEPLOYMENT_TAG, stage.deployment);
  }
}
