import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { z } from 'zod';
import { addApplication } from '../../lib/application.ts';
import type { Stage } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { type Assembly, templateSchema } from './template.ts';

const cdkJson = z.object({ context: z.record(z.string(), z.json()) });

/** An app with the feature flags the command line uses. */
export function createApp({ validated }: { validated: boolean }): App {
  const { context } = cdkJson.parse(JSON.parse(readFileSync('cdk.json', 'utf8')));
  return new App({
    analyticsReporting: false,
    builtinCloudFormationValidation: validated,
    context: { ...context, '@aws-cdk/core:validationReportPrettyPrint': false },
  });
}

/**
 * Synthesises a stage in this process. CloudFormation's own validation is left out, because it costs seconds; the
 * tests of the synthesis itself run it for every stage.
 */
export function synthesise(name: Stage['name'], alertEmail?: string): Assembly {
  const stage = loadStage(name);
  const app = createApp({ validated: false });
  addApplication(app, { stage, alertEmail });
  const { stacks } = app.synth();
  const ids = new Set(stacks.map((stack) => stack.id));
  return {
    keepsData: stage.keepsData,
    stacks: stacks.map((stack) => {
      const text = readFileSync(stack.templateFullPath, 'utf8');
      return {
        id: stack.id,
        stackName: stack.stackName,
        environment: stack.environment.name,
        terminationProtection: stack.terminationProtection ?? false,
        dependsOn: stack.dependencies.map((dependency) => dependency.id).filter((id) => ids.has(id)),
        text,
        template: templateSchema.parse(JSON.parse(text)),
      };
    }),
  };
}
