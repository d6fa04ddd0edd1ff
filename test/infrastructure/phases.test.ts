import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Stage } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { createOutdir } from './outdir.ts';
import { synthesise, synthesiseStage } from './synthesis.ts';
import { type Assembly, at, HOLDING_DATA, type Json, resources, target } from './template.ts';

// A phase is the same system grown: CloudFormation may change what holds data only in ways that keep it.
const PHASES = ['phase1', 'phase2', 'phase3', 'phase4'] as const;
const STEPS = [
  ['phase1', 'phase2'],
  ['phase2', 'phase3'],
  ['phase3', 'phase4'],
] as const;
/** Stacks that hold data. */
const LASTING = ['Storage', 'Processing'] as const;

const assemblies = new Map((['dev', ...PHASES] as const).map((stage) => [stage, synthesise(stage)]));
const assembly = (stage: Stage['name']): Assembly => assemblies.get(stage)!;

const deployedSchema = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.json()).optional() }),
  ),
});

const run = promisify(execFile);

/**
 * What `cdk diff` says is replaced, may be, or is removed, when a stack that was deployed from the file `deployed` becomes what
 * an assembly has. It knows CloudFormation's specification, and what has to follow a resource that is replaced.
 */
async function lost(deployed: string, { directory }: Assembly, stack: string): Promise<string[]> {
  const args = ['diff', stack, '--exclusively', '--app', directory, '--template', deployed, '--no-color'];
  const { stdout, stderr } = await run('node_modules/.bin/cdk', args, {
    env: { ...process.env, CI: 'true', HOME: createOutdir(), CDK_DISABLE_VERSION_CHECK: 'true' },
  });
  const lines = `${stdout}\n${stderr}`.split('\n');
  expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^Stack ${stack} \\(creative-dynamics-`)));
  return lines.filter((line) => /^\[-\] |^\[~\] .* (replace|may be replaced)$/.test(line));
}

function templateOf(stage: Stage['name'], stack: string): string {
  return join(assembly(stage).directory, `${stack}.template.json`);
}

describe.each(STEPS)('going from %s to %s', (before, after) => {
  it.each(LASTING)('replaces and removes nothing of the stack %s', async (stack) => {
    expect(await lost(templateOf(before, stack), assembly(after), stack)).toEqual([]);
  });

  // Lambda refuses to change how many environments are kept ready while traffic moves from version to version.
  it('publishes no version of a function of which more environments are kept ready', () => {
    const aliases = (stage: Stage['name']) =>
      resources(assembly(stage), 'AWS::Lambda::Alias').map(({ where, resource: { Properties } }) => ({
        where,
        version: at(Properties, 'FunctionVersion'),
        ready: at(Properties, 'ProvisionedConcurrencyConfig'),
      }));
    const now = aliases(after);
    expect(now).toHaveLength(4);
    const both = aliases(before).filter(({ where, version, ready }) => {
      const next = now.find((alias) => alias.where === where)!;
      return !isDeepStrictEqual(version, next.version) && !isDeepStrictEqual(ready, next.ready);
    });
    expect(both).toEqual([]);
  });

  // What holds data stands in it.
  it('leaves the network as it is', () => {
    const network = (stage: Stage['name']) =>
      resources(assembly(stage))
        .filter(({ stack }) => stack.id === 'Network')
        .map(({ where, resource: { Type, Properties } }) => {
          const { Tags, RetentionInDays, ...lasting } = Properties;
          return { where, Type, lasting };
        });
    expect(network(after)).toEqual(network(before));
  });
});

describe.each(STEPS)('going back to %s from %s', (before, after) => {
  const LIVE = 'AWS::Lambda::Alias';

  // Lambda takes no reserve below what is kept ready, and CloudFormation changes functions before their aliases.
  it('reserves at least as many executions as were kept ready before load added to them', () => {
    const reserved = new Map(
      resources(assembly(before), 'AWS::Lambda::Function').map(({ logicalId, resource: { Properties } }) => [
        logicalId,
        Number(at(Properties, 'ReservedConcurrentExecutions')),
      ]),
    );
    const aliases = resources(assembly(after), LIVE).map(({ where, resource: { Properties } }) => ({
      where,
      ready: Number(at(Properties, 'ProvisionedConcurrencyConfig', 'ProvisionedConcurrentExecutions')),
      reserve: reserved.get(target(at(Properties, 'FunctionName')) ?? '') ?? 0,
    }));
    expect(aliases).toHaveLength(4);
    expect(aliases.filter(({ ready, reserve }) => !(ready <= reserve))).toEqual([]);
  });

  it('drops only readers from stacks that hold data, which then stay and are nobody’s', () => {
    const kept = new Set(resources(assembly(before)).map(({ where }) => where));
    const lasting = resources(assembly(after)).filter(({ stack }) => LASTING.some((id) => id === stack.id));
    const gone = lasting.filter(({ where }) => !kept.has(where));
    for (const { where, resource } of gone) {
      expect(where).toMatch(/^Storage\/DatabaseClusterReader/);
      expect(resource.DeletionPolicy).toBe('Retain');
      // It may be made once more in the phase it comes from.
      expect(resource.Properties['DBInstanceIdentifier']).toBeUndefined();
    }
    const readers = (stage: Stage['name']) => loadStage(stage).database.readers.fixed;
    expect(gone).toHaveLength(readers(after) - readers(before));
  });
});

describe('a phase that would not grow in place', () => {
  const MISTAKES = [
    { id: 'JobsDF1CC2D4', change: { KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] } },
    { id: 'Data666C94C7', change: { BucketName: 'creative-dynamics-phase1' } },
    { id: 'DatabaseCluster5B53A178', change: { StorageEncrypted: false } },
    { id: 'Alerts91F83244', change: { TopicName: 'phase1' } },
    { id: 'CacheDAF337C5', change: { SubnetIds: ['subnet-1'] } },
  ];

  it('is noticed when names depend on the phase', async () => {
    const phase2 = loadStage('phase2');
    const renamed = synthesiseStage({ ...phase2, deployment: `${phase2.deployment}-2` });
    const found = await lost(templateOf('phase1', 'Storage'), renamed, 'Storage');
    for (const type of ['RDS::DBCluster', 'RDS::DBInstance', 'RDS::DBProxy', 'ElastiCache::ServerlessCache'])
      expect(found).toContainEqual(expect.stringMatching(new RegExp(`^\\[~\\] AWS::${type} .* replace$`)));
  });

  it('is noticed by keys, names and encryption, and by what is taken away', async () => {
    const template = deployedSchema.parse(JSON.parse(readFileSync(templateOf('phase1', 'Storage'), 'utf8')));
    for (const { id, change } of MISTAKES) Object.assign(template.Resources[id]!.Properties!, change);
    template.Resources['Gone'] = { Type: 'AWS::S3::Bucket' };
    const deployed = join(createOutdir(), 'deployed.json');
    writeFileSync(deployed, JSON.stringify(template));
    const found = await lost(deployed, assembly('phase1'), 'Storage');
    for (const { id } of MISTAKES)
      expect(found).toContainEqual(expect.stringMatching(new RegExp(`${id} (may be )?replaced?$`)));
    expect(found).toContain('[-] AWS::S3::Bucket Gone destroy');
  });
});

describe('growing from phase to phase', () => {
  // What CloudFormation changes without an interruption.
  const GROWING = [
    'BackupRetentionPeriod',
    'CacheUsageLimits',
    'DatabaseInsightsMode',
    'LifecycleConfiguration',
    'PerformanceInsightsEnabled',
    'PerformanceInsightsRetentionPeriod',
    'Replicas',
    'ServerlessV2ScalingConfiguration',
    'Tags',
  ];

  function lasting(stage: Stage['name']): Json {
    return resources(assembly(stage), ...HOLDING_DATA).map(({ stack, where, resource }) => {
      const kept = Object.entries(resource.Properties).filter(([name]) => !GROWING.includes(name));
      const regions = at(resource.Properties['Replicas'], 0, 'Region') ?? null;
      return { stackName: stack.stackName, where, kept: Object.fromEntries(kept), regions };
    });
  }

  it.each(PHASES)('interrupts nothing that holds data in %s', (phase) => {
    expect(lasting(phase)).toEqual(lasting('phase1'));
  });
});

describe('dev', () => {
  /** Names that the templates fix, of which an account has each once, as `type name`. */
  function fixedNames(stage: Stage['name']): string[] {
    const named = resources(assembly(stage)).flatMap(({ resource: { Type, Properties } }) =>
      Object.entries(Properties)
        .filter(([property, value]) => UNIQUE.test(property) && typeof value === 'string')
        .map(([, value]) => `${Type} ${value}`),
    );
    return [...named, ...assembly(stage).stacks.map(({ stackName }) => `stack ${stackName}`)];
  }
  const UNIQUE =
    /^(AlarmName|BudgetName|BucketName|DashboardName|DBClusterIdentifier|DBProxyName|FunctionName|LogGroupName|QueueName|RoleName|ServerlessCacheName|TableName|TopicName|UserGroupId|UserId)$/;

  it('and a phase have no name in common, so that they can stand side by side', () => {
    const phase = fixedNames('phase1');
    expect(phase).toContain('AWS::RDS::DBCluster creative-dynamics-results');
    expect(fixedNames('dev').filter((name) => phase.includes(name))).toEqual([]);
  });
});
