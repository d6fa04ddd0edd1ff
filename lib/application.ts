import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import type { Stage } from './config/stage.ts';
import { ApiStack } from './stacks/api.ts';
import { CanaryStack } from './stacks/canary.ts';
import { NetworkStack } from './stacks/network.ts';
import { ObservabilityStack } from './stacks/observability.ts';
import { ProcessingStack } from './stacks/processing.ts';
import { StorageStack } from './stacks/storage.ts';

export interface ApplicationProps {
  readonly stage: Stage;
  readonly alertEmail?: string | undefined;
  readonly pageEmail?: string | undefined;
}

/** The stacks of a stage, in the order data flows: each knows those before it, never one after it. */
export function addApplication(app: App, { stage, alertEmail, pageEmail }: ApplicationProps): void {
  const network = new NetworkStack(app, 'Network', { stage });
  const storage = new StorageStack(app, 'Storage', { stage, vpc: network.vpc, alertEmail, pageEmail });
  const processing = new ProcessingStack(app, 'Processing', {
    stage,
    dataBucket: storage.dataBucket,
    jobsTable: storage.jobsTable,
    alerts: storage.alerts,
    accessTable: storage.accessTable,
    vpc: network.vpc,
    database: storage.database,
    cache: storage.cache,
  });
  const api = new ApiStack(app, 'Api', {
    stage,
    dataBucket: storage.dataBucket,
    jobsTable: storage.jobsTable,
    accessTable: storage.accessTable,
    analysisQueue: processing.queues.analysis,
    webhooks: processing.webhooks,
    vpc: network.vpc,
    database: storage.database,
    cache: storage.cache,
    alerts: storage.alerts,
  });
  new CanaryStack(app, 'Canary', {
    stage,
    api,
    accessTable: storage.accessTable,
    alerts: storage.alerts,
  });
  new ObservabilityStack(app, 'Observability', {
    stage,
    alerts: storage.alerts,
    pages: storage.pages,
    queues: processing.queues,
    undeliveredUploads: processing.undeliveredUploads,
    functions: processing.functions,
    api,
    webhooks: processing.webhooks,
    database: storage.database,
    cache: storage.cache,
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
}
