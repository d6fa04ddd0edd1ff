import { App } from 'aws-cdk-lib';
import { addApplication } from '../lib/application.ts';
import { parseAlertEmail } from '../lib/config/alert-email.ts';
import { loadStage } from '../lib/config/stages.ts';

const app = new App();
addApplication(app, {
  stage: loadStage(app.node.tryGetContext('stage')),
  alertEmail: parseAlertEmail(app.node.tryGetContext('alertEmail')),
});
