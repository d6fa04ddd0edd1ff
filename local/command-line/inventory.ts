import { counted } from '../../cli/format.ts';
import type { LocalCloud } from '../local-cloud.ts';

type Described = Pick<
  LocalCloud,
  'endpoint' | 'apiEndpoint' | 'services' | 'notImitated' | 'withoutEffect' | 'resumedMessages' | 'statistics'
>;

const WIDTH = 100;
const LABELS_WIDTH = 16;

/** What there is, what there is only for show, and what is missing: a short block with labels. */
export function inventoryLines(cloud: Described): string[] {
  const functions = counted(Object.keys(cloud.statistics()).length, 'function');
  const resumed = cloud.resumedMessages;
  const withoutEffect = [...groupedBy(Object.entries(cloud.withoutEffect))].flatMap(([reason, types]) =>
    wrapped(named(types), `: ${reason}`),
  );
  return [
    ...block('AWS endpoint', [cloud.endpoint]),
    ...block('API', cloud.apiEndpoint === undefined ? [] : [cloud.apiEndpoint]),
    ...block('here', [
      ...wrapped(cloud.services),
      `${functions}, each in processes of its own with the permissions of its role`,
    ]),
    ...block('no effect', withoutEffect),
    ...block('absent', wrapped(named(onceEach(cloud.notImitated)))),
    ...block('resumed', resumed === 0 ? [] : [counted(resumed, 'interrupted message')]),
  ];
}

/** Lines under one label, which stands before the first; nothing where there are none. */
function block(label: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => (index === 0 ? `  ${label}` : '').padEnd(LABELS_WIDTH) + line);
}

/** Items after commas, in as few lines as fit. */
function wrapped(items: readonly string[], end = ''): string[] {
  const lines: string[] = [];
  for (const [index, item] of items.entries()) {
    const text = `${item}${index === items.length - 1 ? end : ','}`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + text.length <= WIDTH - LABELS_WIDTH) {
      lines[lines.length - 1] = `${last} ${text}`;
    } else {
      lines.push(text);
    }
  }
  return lines;
}

function groupedBy(entries: readonly (readonly [string, string])[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [member, group] of entries) groups.set(group, [...(groups.get(group) ?? []), member]);
  return groups;
}

/** `AWS::EC2::Subnet`, `AWS::EC2::VPC` as `EC2 Subnet`, `VPC`: a service is named once. */
function named(types: readonly string[]): string[] {
  let service: string | undefined;
  return types.map((type) => {
    const [, own, rest] = /^AWS::(\w+)::(.*)$/.exec(type) ?? [];
    const known = own === service;
    service = own;
    if (own === undefined || rest === undefined) return type;
    return known ? rest : `${own} ${rest}`;
  });
}

/** What is missing, with how often, but not of which resource. */
function onceEach(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const what = line.replace(/ \([^()]*\)$/, '');
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, times]) => (times === 1 ? what : `${what} (${times})`));
}
