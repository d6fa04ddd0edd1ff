import type { LocalCloud } from '../local-cloud.ts';

type Described = Pick<
  LocalCloud,
  'endpoint' | 'services' | 'notImitated' | 'withoutEffect' | 'resumedMessages' | 'statistics'
>;

const WIDTH = 100;
const LABEL_WIDTH = 14;

/** What there is, what there is only for show, and what is missing: a short block with labels. */
export function inventoryLines(cloud: Described): string[] {
  const functions = Object.keys(cloud.statistics()).length;
  const withoutEffect = [...groupedBy(Object.entries(cloud.withoutEffect))].flatMap(([reason, types]) =>
    wrapped(types.map(shortType), `: ${reason}`),
  );
  return [
    ...block('AWS endpoint', [cloud.endpoint]),
    ...block('here', [
      ...wrapped(cloud.services),
      `${functions} functions, each in processes of its own with the permissions of its role`,
    ]),
    ...block('no effect', withoutEffect),
    ...block('absent', wrapped(counted(cloud.notImitated))),
    ...block('resumed', cloud.resumedMessages === 0 ? [] : [`${cloud.resumedMessages} interrupted messages`]),
  ];
}

/** Lines under one label, which stands before the first; nothing where there are none. */
function block(label: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `  ${(index === 0 ? label : '').padEnd(LABEL_WIDTH)}${line}`);
}

/** Items after commas, in as few lines as fit. */
function wrapped(items: readonly string[], end = ''): string[] {
  const lines: string[] = [];
  for (const [index, item] of items.entries()) {
    const text = `${item}${index === items.length - 1 ? end : ','}`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + text.length <= WIDTH - LABEL_WIDTH) {
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

/** `AWS::CloudWatch::Alarm` as `CloudWatch Alarm`. */
function shortType(type: string): string {
  return type.replace(/^AWS::/, '').replace('::', ' ');
}

/** What is missing, once each: the resource that a line names in brackets does not matter to most. */
function counted(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const what = shortType(line.replace(/ \([^()]*\)$/, ''));
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => (count === 1 ? what : `${what} (${count})`));
}
