import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { CfnTopic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { addApplication } from '../../lib/application.ts';
import { STAGE_NAMES } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { createApp, NO_BUNDLES } from './app.ts';
import { createOutdir } from './outdir.ts';

function synthesiseWith(addMistake: (stack: Stack) => void): void {
  const app = createApp({ outdir: createOutdir(), validated: true });
  addApplication(app, { stage: loadStage('dev') });
  addMistake(new Stack(app, 'Mistake'));
  app.synth();
}

describe('synthesis', () => {
  it.each(STAGE_NAMES)('finds nothing to complain about in %s, not even a warning', (stage) => {
    const app = createApp({ outdir: createOutdir(), validated: true });
    addApplication(app, { stage: loadStage(stage), alertEmail: 'ops@example.com' });
    app.synth();
    const report: unknown = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'));
    expect(report).toMatchObject({ pluginReports: [] });
  });

  it('stops at what the AWS Solutions checks find', () => {
    expect(() => synthesiseWith((stack) => new Queue(stack, 'Open'))).toThrow('AwsSolutions-SQS4');
  });

  it('stops at what the Serverless checks find', () => {
    expect(() => synthesiseWith((stack) => new Queue(stack, 'Lossy'))).toThrow('Serverless-SQSRedrivePolicy');
  });

  it('stops at what CloudFormation would refuse', () => {
    const misspelt = (stack: Stack) => new CfnTopic(stack, 'Topic').addPropertyOverride('DisplayNam', 'x');
    expect(() => synthesiseWith(misspelt)).toThrow(/ERROR .*DisplayNam/);
  });
});

describe('the command-line entry', () => {
  function run(context: Record<string, string>): { stacks: string[]; stderr: string; status: number | null } {
    const outdir = createOutdir();
    const { status, stderr } = spawnSync(process.execPath, ['bin/creative-dynamics.ts'], {
      encoding: 'utf8',
      env: {
        ...process.env,
        CDK_OUTDIR: outdir,
        CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...NO_BUNDLES }),
      },
    });
    const manifest = status === 0 ? readFileSync(join(outdir, 'manifest.json'), 'utf8') : '';
    return {
      stacks: [...manifest.matchAll(/"stackName": "(.+)"/g)].map(([, name]) => name!),
      stderr,
      status,
    };
  }

  it('makes the stacks of the stage the context names', () => {
    const { stacks, status, stderr } = run({ stage: 'phase2', alertEmail: 'ops@example.com' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stacks).toEqual([
      'creative-dynamics-network',
      'creative-dynamics-storage',
      'creative-dynamics-processing',
      'creative-dynamics-api',
      'creative-dynamics-canary',
      'creative-dynamics-observability',
    ]);
  });

  it('answers an unknown stage with those there are', () => {
    const { status, stderr } = run({ stage: 'prod' });
    expect(status).not.toBe(0);
    expect(stderr).toContain('There is no stage "prod". Choose one with -c stage=NAME: dev, phase1');
  });
});
