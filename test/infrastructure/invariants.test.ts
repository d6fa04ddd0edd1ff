import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { STAGE_NAMES, type Stage } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { BREAKS } from './breaks/index.ts';
import { INVARIANTS } from './invariants/index.ts';
import { synthesise, synthesiseStage } from './synthesis.ts';
import { type Assembly, HOLDING_DATA, resources } from './template.ts';

const assemblies = new Map(STAGE_NAMES.map((stage) => [stage, synthesise(stage, 'ops@example.com')]));
const assembly = (stage: Stage['name']): Assembly => assemblies.get(stage)!;

describe.each(STAGE_NAMES)('the templates of %s', (stage) => {
  it.each(Object.entries(INVARIANTS))('hold %s', (_name, invariant) => {
    expect(invariant(assembly(stage))).toEqual([]);
  });

  it('come out the same, byte for byte, when synthesised again', () => {
    const again = synthesiseStage(loadStage(stage), 'ops@example.com');
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
