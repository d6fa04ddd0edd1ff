import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { z } from 'zod';
import { type ApplicationProps, addApplication } from '../../lib/application.ts';
import { ASSEMBLY_FILE, type WrittenAssembly } from './assembly-file.ts';

const cdkJson = z.object({ context: z.record(z.string(), z.json()) });

/** Leaves the functions' code unbuilt: templates say the same without it, and a test of its own builds and imports it. */
export const NO_BUNDLES = { 'aws:cdk:bundling-stacks': [] };

/** An app with the feature flags the command line uses. */
export function createApp({ outdir, validated }: { outdir: string; validated: boolean }): App {
  const { context } = cdkJson.parse(JSON.parse(readFileSync('cdk.json', 'utf8')));
  return new App({
    outdir,
    analyticsReporting: false,
    builtinCloudFormationValidation: validated,
    context: { ...context, ...NO_BUNDLES, '@aws-cdk/core:validationReportPrettyPrint': false },
  });
}

/**
 * Synthesises a stage in this process, and writes beside the templates what they do not say. CloudFormation's own
 * validation is left out, because it costs seconds; the tests of the synthesis itself run it for every stage.
 */
export function writeAssembly(outdir: string, props: ApplicationProps): void {
  const app = createApp({ outdir, validated: false });
  addApplication(app, props);
  const { stacks } = app.synth();
  const ids = new Set(stacks.map((stack) => stack.id));
  const written: WrittenAssembly = {
    keepsData: props.stage.keepsData,
    stacks: stacks.map((stack) => ({
      id: stack.id,
      stackName: stack.stackName,
      environment: stack.environment.name,
      terminationProtection: stack.terminationProtection ?? false,
      dependsOn: stack.dependencies.map((dependency) => dependency.id).filter((id) => ids.has(id)),
      templateFile: stack.templateFile,
    })),
  };
  writeFileSync(join(outdir, ASSEMBLY_FILE), JSON.stringify(written));
}
