import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { STAGE_NAMES, type Stage } from '../../lib/config/stage.ts';
import { BREAKS } from './breaks/index.ts';
import { INVARIANTS } from './invariants/index.ts';
import { synthesise } from './synthesis.ts';
import { type Assembly, at, type Json, resources } from './template.ts';

const assemblies = new Map(STAGE_NAMES.map((stage) => [stage, synthesise(stage, 'ops@example.com')]));
const assembly = (stage: Stage['name']): Assembly => assemblies.get(stage)!;

const HOLDING_DATA = [
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::RDS::DBCluster',
  'AWS::S3::Bucket',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
];

describe.each(STAGE_NAMES)('the templates of %s', (stage) => {
  it.each(Object.entries(INVARIANTS))('hold %s', (_name, invariant) => {
    expect(invariant(assembly(stage))).toEqual([]);
  });

  it('come out the same, byte for byte, when synthesised again', () => {
    const again = synthesise(stage, 'ops@example.com');
    expect(again.stacks.map(({ text }) => text)).toEqual(assembly(stage).stacks.map(({ text }) => text));
  });

  // A changed logical id is a new, empty resource in place of one that holds data.
  it('keep the logical ids of what holds data', () => {
    const pinned: unknown = JSON.parse(readFileSync('test/infrastructure/stateful-resources.json', 'utf8'));
    const found = resources(assembly(stage), ...HOLDING_DATA).map(({ where, resource }) => [
      where,
      resource.Type,
    ]);
    expect(Object.fromEntries(found)).toEqual(pinned);
  });
});

describe('an invariant', () => {
  it.each(BREAKS)('$invariant notices $what', ({ invariant, stage = 'phase1', inflict, finding }) => {
    const broken = structuredClone(assembly(stage));
    inflict(broken);
    expect(INVARIANTS[invariant]!(broken)).toContainEqual(expect.stringContaining(finding));
  });

  it.each(Object.keys(INVARIANTS))('called %s has a template that breaks it', (name) => {
    expect(BREAKS.map(({ invariant }) => invariant)).toContain(name);
  });
});

// A phase is the same system grown: CloudFormation may change what holds data only in ways that keep it.
describe('growing from phase to phase', () => {
  // What CloudFormation changes in place.
  const GROWING = [
    'BackupRetentionPeriod',
    'DatabaseInsightsMode',
    'LifecycleConfiguration',
    'PerformanceInsightsEnabled',
    'PerformanceInsightsRetentionPeriod',
    'Replicas',
    'ServerlessV2ScalingConfiguration',
    'Tags',
  ];
  const PHASES = ['phase1', 'phase2', 'phase3', 'phase4'] as const;

  function lasting(stage: Stage['name']): Json {
    return resources(assembly(stage), ...HOLDING_DATA).map(({ stack, where, resource }) => {
      const kept = Object.entries(resource.Properties).filter(([name]) => !GROWING.includes(name));
      const regions = at(resource.Properties['Replicas'], 0, 'Region') ?? null;
      return { stackName: stack.stackName, where, kept: Object.fromEntries(kept), regions };
    });
  }

  it.each(PHASES)('%s replaces nothing that holds data', (phase) => {
    expect(lasting(phase)).toEqual(lasting('phase1'));
  });

  it('leaves dev apart, under stack names of its own', () => {
    const names = new Set(assembly('phase1').stacks.map(({ stackName }) => stackName));
    expect(assembly('dev').stacks.filter(({ stackName }) => names.has(stackName))).toEqual([]);
  });
});
