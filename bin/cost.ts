import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { z } from 'zod';
import { addApplication } from '../lib/application.ts';
import { STAGE_NAMES, type Stage } from '../lib/config/stage.ts';
import { loadStage } from '../lib/config/stages.ts';
import { idleCost } from '../lib/cost/idle-cost.ts';
import { costTable, priceList } from '../lib/cost/table.ts';
import { type Template, templateSchema } from '../lib/cost/template.ts';

// Prints what each stage costs a month when nobody uses it, read from its templates, and the prices that were taken.

const cdkJson = z.object({ context: z.record(z.string(), z.unknown()) });
const { context } = cdkJson.parse(JSON.parse(readFileSync('cdk.json', 'utf8')));

/** The templates of a stage, with nothing built or validated. */
function synthesise(stage: Stage, outdir: string): Template[] {
  const app = new App({
    outdir,
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
    context: { ...context, 'aws:cdk:bundling-stacks': [] },
  });
  addApplication(app, { stage });
  return app
    .synth()
    .stacks.map(({ templateFullPath }) =>
      templateSchema.parse(JSON.parse(readFileSync(templateFullPath, 'utf8'))),
    );
}

const directory = mkdtempSync(join(tmpdir(), 'cost-'));
try {
  const stages = STAGE_NAMES.map((stage) => ({
    stage,
    items: idleCost(synthesise(loadStage(stage), join(directory, stage))),
  }));
  process.stdout.write(`${costTable(stages)}\n\n${priceList()}\n`);
} finally {
  rmSync(directory, { recursive: true });
}
