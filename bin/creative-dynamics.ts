import { App } from 'aws-cdk-lib';
import { addApplication } from '../lib/application.ts';
import { parseEmail } from '../lib/config/alert-email.ts';
import { loadStage } from '../lib/config/stages.ts';

const app = new App();
addApplication(app, {
  stage: loadStage(app.node.tryGetContext('stage')),
  alertEmail: parseEmail('alertEmail', app.node.tryGetContext('alertEmail')),
  pageEmail: parseEmail('pageEmail', app.node.tryGetContext('pageEmail')),
});
