import { Stack } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Stage } from '../config/stage.ts';
import { DEPLOYMENT_TAG } from './stage-stack.ts';

export interface StageBudgetProps {
  readonly stage: Stage;
  /** Who is told. */
  readonly alerts: Topic;
}

interface Warning {
  readonly notificationType: 'ACTUAL' | 'FORECASTED';
  /** Per cent of the budget. */
  readonly threshold: number;
}

// Changing these replaces the budget, and two of one name cannot be: give it another name with them.
const WARNINGS: readonly Warning[] = [
  { notificationType: 'ACTUAL', threshold: 80 },
  { notificationType: 'FORECASTED', threshold: 100 },
];

/**
 * What a deployment may cost a month, and that somebody is told before it does. It counts what carries the deployment's tag,
 * from the day on which that tag was activated for cost allocation in the billing console; before, it counts nothing. What
 * cannot be tagged, metrics and data transfer above all, it never counts.
 */
export class StageBudget extends Construct {
  constructor(scope: Construct, id: string, { stage, alerts }: StageBudgetProps) {
    super(scope, id);
    letBudgetsPublish(alerts);
    const budget = new CfnBudget(this, 'Monthly', {
      budget: {
        budgetName: `${stage.deployment}-monthly`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: stage.budgetDollars, unit: 'USD' },
        costFilters: { TagKeyValue: [`user:${DEPLOYMENT_TAG}$${stage.deployment}`] },
      },
      notificationsWithSubscribers: WARNINGS.map((warning) => ({
        notification: { ...warning, thresholdType: 'PERCENTAGE', comparisonOperator: 'GREATER_THAN' },
        subscribers: [{ subscriptionType: 'SNS', address: alerts.topicArn }],
      })),
    });
    // It is refused while it may not publish.
    budget.node.addDependency(alerts);
  }
}

/** Lets budgets of this account publish to an encrypted topic. */
function letBudgetsPublish(topic: Topic): void {
  const { account, partition } = Stack.of(topic);
  const grant = {
    principals: [new ServicePrincipal('budgets.amazonaws.com')],
    conditions: {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': `arn:${partition}:budgets::${account}:*` },
    },
  };
  topic.masterKey?.addToResourcePolicy(
    new PolicyStatement({
      sid: 'EncryptForBudgets',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
      ...grant,
    }),
  );
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'PublishFromBudgets',
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      ...grant,
    }),
  );
}
