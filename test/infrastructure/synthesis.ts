import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterAll } from 'vitest';
import { z } from 'zod';
import { addApplication } from '../../lib/application.ts';
import type { Stage } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { type Assembly, templateSchema } from './template.ts';

const cdkJson = z.object({ context: z.record(z.string(), z.json()) });

const outdirs = mkdtempSync(join(tmpdir(), 'templates-'));
afterAll(() => rmSync(outdirs, { recursive: true }));

/** A new directory to synthesise into, gone when the test file is done. */
export function createOutdir(): string {
  return mkdtempSync(join(outdirs, 'app-'));
}

/** Leaves the functions' code unbuilt: templates say the same without it, and a test of its own builds and imports it. */
export const NO_BUNDLES = { 'aws:cdk:bundling-stacks': [] };

/** An app with the feature flags the command line uses. */
export function createApp({ validated }: { validated: boolean }): App {
  const { context } = cdkJson.parse(JSON.parse(readFileSync('cdk.json', 'utf8')));
  return new App({
    outdir: createOutdir(),
    analyticsReporting: false,
    builtinCloudFormationValidation: validated,
    context: { ...context, ...NO_BUNDLES, '@aws-cdk/core:validationReportPrettyPrint': false },
  });
}

/**
 * Synthesises a stage in this process. CloudFormation's own validation is left out, because it costs seconds; the
 * tests of the synthesis itself run it for every stage.
 */
export function synthesise(name: Stage['name'], alertEmail?: string, pageEmail?: string): Assembly {
  return synthesiseStage(loadStage(name), alertEmail, pageEmail);
}

/** As {@link synthesise}, of a stage that is none of those there are. */
export function synthesiseStage(stage: Stage, alertEmail?: string, pageEmail?: string): Assembly {
  const app = createApp({ validated: false });
  addApplication(app, { stage, alertEmail, pageEmail });
  const { stacks } = app.synth();
  const ids = new Set(stacks.map((stack) => stack.id));
  return {
    keepsData: stage.keepsData,
    directory: app.outdir,
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
