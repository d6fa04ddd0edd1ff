import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { QUEUE_OF } from '../../lambdas/contracts/messages.ts';
import { STAGE_NAMES } from '../../lib/config/stage.ts';
import { operationalAlarms, severityOf } from './invariants/alarms.ts';
import { synthesise } from './synthesis.ts';
import { at, resources } from './template.ts';

const LABELS = ['Severity', 'Means', 'Impact', 'Look first', 'Causes', 'Mend', 'Over when'];
const PROCEDURES = [
  'deploy',
  'rollback',
  'ask-the-database',
  'restore',
  'redrive',
  'hold-a-queue',
  'rotate-tokens',
  'purge-a-dataset-or-a-tenant',
  'raise-a-limit',
  'change-the-phase',
  'destroy',
];
/** What every procedure says: when it is due, what is seen, how to check it, what no local cloud can show. */
const PARTS = ['When', 'You see', 'It worked when', 'Only AWS'];

const packageJson = z.object({ scripts: z.record(z.string(), z.string()) });

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

  it.each(entries('Procedures'))('says all it has to say to %s', (_anchor, body) => {
    expect(PARTS.filter((part) => !new RegExp(`\\*\\*${part}\\*\\*`).test(body))).toEqual([]);
    expect(body).toMatch(/^ {4}\S/m);
  });

  it('asks for outputs and logs that there are', () => {
    const assembly = synthesise('phase3');
    const names = (stack: string) => assembly.stacks.find(({ id }) => id.toLowerCase() === stack)!;
    const outputs = [...text.matchAll(/(?:\$\(out|`out|\bcall(?= \w+ \w+Name\b)) (\w+) (\w+)/g)];
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

  it('lists resources of types that their stack has, and turns the protection off of stacks that have it', () => {
    const { stacks } = synthesise('phase1');
    const types = (stack: string) =>
      Object.values(stacks.find(({ id }) => id.toLowerCase() === stack)!.template.Resources).map(
        ({ Type }) => Type,
      );
    const listed = [...text.matchAll(/\bids (\w+) (AWS::\w+::\w+)/g)];
    expect(listed.length).toBeGreaterThan(4);
    expect(listed.filter(([, stack = '', type = '']) => !types(stack).includes(type))).toEqual([]);
    const unprotected = text.match(/for s in ([\w ]+); do aws cloudformation update-termination/)?.[1];
    const isProtected = stacks.filter(({ terminationProtection }) => terminationProtection);
    expect(unprotected?.split(' ').toSorted()).toEqual(
      isProtected.map(({ id }) => id.toLowerCase()).toSorted(),
    );
  });

  it('runs scripts of npm, shell functions and queues that there are', () => {
    const { scripts } = packageJson.parse(JSON.parse(readFileSync('package.json', 'utf8')));
    const run = [...text.matchAll(/\bnpm (?:run )?(?:-s )?(?!ci\b)([a-z:]+)/g)].map(([, name = '']) => name);
    expect(new Set(run).size).toBeGreaterThan(4);
    expect(run.filter((name) => name !== 'run' && scripts[name] === undefined)).toEqual([]);
    const defined = new Set([...text.matchAll(/^ {4}(\w+)\(\) +\{/gm)].map(([, name]) => name));
    const used = [
      ...text.matchAll(/(?:^ {4}|\$\(|; )(again|call|empty|errors|from|ids|letter|out|sql|state)\b/gm),
    ];
    expect(used.map(([, name]) => name).filter((name) => !defined.has(name))).toEqual([]);
    const redriven = [...text.matchAll(/'\{"queue":"(\w+)"/g)].map(([, queue]) => queue);
    expect(redriven.length).toBeGreaterThan(0);
    const queues = new Set<string | undefined>(Object.values(QUEUE_OF));
    expect(redriven.filter((queue) => !queues.has(queue))).toEqual([]);
  });

  it('has no link that leads nowhere', () => {
    const anchors = [...text.matchAll(/^#{2,3} (.+)$/gm)].map(([, title = '']) => anchorOf(title));
    const linked = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(linked.length).toBeGreaterThan(20);
    expect(linked.filter((anchor) => !anchors.includes(anchor ?? ''))).toEqual([]);
  });
});
