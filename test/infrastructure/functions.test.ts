import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { environmentSchema } from '../../lambdas/contracts/environment.ts';
import { STAGE_NAMES } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { handlerEntries, writeHandler } from '../../lib/constructs/handler-bundle.ts';
import { synthesise } from './synthesis.ts';
import { type Assembly, asList, at, type LocatedResource, resources, target } from './template.ts';

const MAX_BUNDLE_BYTES = 1.5 * 2 ** 20;

describe('the bundle of', () => {
  const root = mkdtempSync(join(tmpdir(), 'bundles-'));
  afterAll(() => rmSync(root, { recursive: true }));

  // Node's own loading: through `import`, the test runner would parse and rewrite the bundles.
  const load = createRequire(import.meta.url);

  it.each(handlerEntries())('%s builds, is small, and gives a handler', (entry) => {
    const directory = mkdtempSync(join(root, entry));
    writeHandler(entry, directory);
    const file = join(directory, 'index.mjs');
    expect(statSync(file).size).toBeLessThanOrEqual(MAX_BUNDLE_BYTES);
    const { handler }: { handler: unknown } = load(file);
    expect(handler).toBeTypeOf('function');
  });

  it('a failing function names its files in the stack', () => {
    writeHandler('sweep', root);
    const call =
      "import('./index.mjs').then(({ handler }) => handler({}, {})).catch((e) => console.log(e.stack))";
    const options = ['--enable-source-maps', '--input-type=module', '--eval', call];
    const { stdout } = spawnSync(process.execPath, options, { cwd: root, encoding: 'utf8' });
    expect(stdout).toMatch(/readEnvironment .*runtime\/services\.ts:\d+/);
  });

  it('an entry that does not exist is refused', () => {
    expect(() => writeHandler('nothing', root)).toThrow('There is no function lambdas/functions/nothing.ts.');
  });
});

function functions(assembly: Assembly): LocatedResource[] {
  return resources(assembly, 'AWS::Lambda::Function');
}

/** All that work on jobs; those that deliver to webhooks, that delete, and that decide on workers know less. */
function pipelineFunctions(assembly: Assembly): LocatedResource[] {
  return functions(assembly).filter(
    ({ stack, logicalId }) =>
      stack.id === 'Processing' && !/^(WebhooksDeliver|Purge|Capacity)/.test(logicalId),
  );
}

describe('the functions', () => {
  const assembly = synthesise('phase1');

  it('are one for each entry', () => {
    expect(functions(assembly)).toHaveLength(handlerEntries().length);
  });

  it('are given every variable the pipeline reads', () => {
    for (const { resource } of pipelineFunctions(assembly)) {
      const variables = at(resource.Properties, 'Environment', 'Variables') ?? {};
      expect(Object.keys(variables)).toEqual(expect.arrayContaining(Object.keys(environmentSchema.shape)));
    }
  });

  it.each([
    { stage: 'dev', caps: { PlanUpload: 20, ScanAndAnalyse: 10, WriteReport: 2, Deliver: 2 } },
    { stage: 'phase1', caps: { PlanUpload: 20, ScanAndAnalyse: 10, WriteReport: 2, Deliver: 2 } },
    { stage: 'phase2', caps: { PlanUpload: 80, ScanAndAnalyse: 40, WriteReport: 8, Deliver: 8 } },
    { stage: 'phase3', caps: { PlanUpload: 200, ScanAndAnalyse: 100, WriteReport: 20, Deliver: 20 } },
    { stage: 'phase4', caps: { PlanUpload: 200, ScanAndAnalyse: 100, WriteReport: 20, Deliver: 20 } },
  ] as const)('of $stage run at most $caps at a time for their queues', ({ stage, caps }) => {
    const mappings = resources(synthesise(stage), 'AWS::Lambda::EventSourceMapping');
    const found = mappings.map(({ logicalId, resource }) => [
      Object.keys(caps).find((name) => logicalId.includes(`${name}Function`)),
      at(resource.Properties, 'ScalingConfig', 'MaximumConcurrency') ??
        10 * Number(at(resource.Properties, 'ProvisionedPollerConfig', 'MaximumPollers')),
    ]);
    expect(Object.fromEntries(found)).toEqual(caps);
    expect(found).toHaveLength(4);
  });

  it.each(STAGE_NAMES)('of %s log as long as the stage says, and know how long results are kept', (name) => {
    const stage = loadStage(name);
    const deployed = synthesise(name);
    for (const { resource } of resources(deployed, 'AWS::Logs::LogGroup')) {
      expect(at(resource.Properties, 'RetentionInDays')).toBe(stage.logRetentionDays);
    }
    for (const { resource } of pipelineFunctions(deployed)) {
      const variables = at(resource.Properties, 'Environment', 'Variables');
      expect(at(variables, 'METRICS_NAMESPACE')).toBe(stage.deployment);
      expect(at(variables, 'RESULT_DAYS')).toBe(String(stage.retentionDays.reports));
    }
  });
});

describe('what runs regularly', () => {
  it('is what sweeps, deletes, tries the API, decides about workers, and keeps the API known to its scaling', () => {
    const schedules = resources(synthesise('phase1'), 'AWS::Events::Rule').flatMap(({ resource }) => {
      const expression = at(resource.Properties, 'ScheduleExpression');
      if (expression === undefined) return [];
      return asList(at(resource.Properties, 'Targets')).map((one) => {
        const called = target(at(one, 'Arn'))?.replace(/Function(Aliaslive)?[0-9A-F]{8}$/, '');
        return `${called}: ${String(expression)}`;
      });
    });
    expect(schedules.toSorted()).toEqual([
      'Canary: rate(5 minutes)',
      'Capacity: rate(1 minute)',
      'FunctionsAnalyze: rate(1 minute)',
      'FunctionsAuthorize: rate(1 minute)',
      'FunctionsControl: rate(1 minute)',
      'FunctionsQuery: rate(1 minute)',
      'PipelineSweep: rate(5 minutes)',
      'Purge: rate(1 minute)',
    ]);
  });
});

describe('the sweeper', () => {
  it('may ask every dead-letter queue, and no other, how much lies in it', () => {
    const assembly = synthesise('phase1');
    const asked = resources(assembly, 'AWS::IAM::Policy')
      .filter(({ logicalId }) => logicalId.includes('Sweep'))
      .flatMap(({ resource }) => asList(at(resource.Properties, 'PolicyDocument', 'Statement')))
      .filter((statement) => asList(at(statement, 'Action')).includes('sqs:GetQueueAttributes'))
      .flatMap((statement) => asList(at(statement, 'Resource')).map(target));
    const ends = resources(assembly, 'AWS::SQS::Queue').filter(
      ({ resource }) => at(resource.Properties, 'RedrivePolicy') === undefined,
    );
    expect(asked.sort()).toEqual(ends.map(({ logicalId }) => logicalId).sort());
    expect(asked.length).toBeGreaterThan(3);
  });
});
