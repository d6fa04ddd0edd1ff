import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { STAGE_NAMES } from '../../lib/config/stage.ts';
import { operationalAlarms, severityOf } from './invariants/alarms.ts';
import { synthesise } from './synthesis.ts';
import { at, resources } from './template.ts';

const LABELS = ['Severity', 'Means', 'Impact', 'Look first', 'Causes', 'Mend', 'Over when'];
const PROCEDURES = ['deploy', 'rollback', 'restore', 'redrive', 'rotate-tokens', 'purge-a-tenant', 'destroy'];

const text = readFileSync('docs/operations.md', 'utf8');

/** An anchor as GitHub makes it from a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}

/** Entries of a section by their anchors, in their order. */
function entries(section: string): [anchor: string, body: string][] {
  const body = text.split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  return body
    .split(/^### /m)
    .slice(1)
    .map((entry) => {
      const [title = '', ...lines] = entry.split('\n');
      return [anchorOf(title), lines.join('\n')];
    });
}

const documented = new Map(entries('Alarms'));

/** Severities by the entry that alarms and pages name, on any stage. */
const severities = new Map(
  STAGE_NAMES.flatMap((stage) => {
    const assembly = synthesise(stage);
    const pages = resources(assembly, 'AWS::CloudWatch::CompositeAlarm');
    return [...operationalAlarms(assembly), ...pages].map((alarm): [string, string | undefined] => [
      String(at(alarm.resource.Properties, 'AlarmDescription')).split('docs/operations.md#')[1] ?? '',
      severityOf(alarm),
    ]);
  }),
);

describe('the runbook', () => {
  it('has one entry for every alarm and page of any stage, and no other', () => {
    const anchors = entries('Alarms').map(([anchor]) => anchor);
    expect(anchors.toSorted()).toEqual([...severities.keys()].toSorted());
  });

  it.each([...documented.keys()])('says all it has to say of %s', (anchor) => {
    const body = documented.get(anchor) ?? '';
    expect([...body.matchAll(/^- \*\*(.+?)\*\*:/gm)].map(([, label]) => label)).toEqual(LABELS);
    const severity = body.match(/^- \*\*Severity\*\*: (page|ticket)\b/m)?.[1];
    expect(severity).toBe(severities.get(anchor));
  });

  it('has the procedures, in the order of their use', () => {
    expect(entries('Procedures').map(([anchor]) => anchor)).toEqual(PROCEDURES);
  });

  it('asks for outputs and logs that there are', () => {
    const assembly = synthesise('phase3');
    const names = (stack: string) => assembly.stacks.find(({ id }) => id.toLowerCase() === stack)!;
    const outputs = [...text.matchAll(/(?:\$\(out|`out) (\w+) (\w+)/g)];
    const letters = [...text.matchAll(/\bletter (\w+Url)\b/g)].map(([all, name]) => [
      all,
      'processing',
      name,
    ]);
    const asked = [...outputs, ...letters];
    expect(asked.length).toBeGreaterThan(8);
    expect(
      asked.filter(([, stack = '', name = '']) => names(stack).template.Outputs[name] === undefined),
    ).toEqual([]);
    const groups = [...text.matchAll(/(?:\$\(group|\berrors \d+) (\w+) (\w+)/g)];
    expect(groups.length).toBeGreaterThan(25);
    const missing = groups.filter(
      ([, stack = '', prefix = '']) =>
        !resources(assembly, 'AWS::Logs::LogGroup').some(
          (group) => group.stack === names(stack) && group.logicalId.startsWith(prefix),
        ),
    );
    expect(missing.map(([all]) => all)).toEqual([]);
  });

  it('has no link that leads nowhere', () => {
    const anchors = [...text.matchAll(/^#{2,3} (.+)$/gm)].map(([, title = '']) => anchorOf(title));
    const linked = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(linked.length).toBeGreaterThan(20);
    expect(linked.filter((anchor) => !anchors.includes(anchor ?? ''))).toEqual([]);
  });
});
