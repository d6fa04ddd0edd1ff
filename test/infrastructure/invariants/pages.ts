import { type Assembly, asList, at, flatten, type LocatedResource, resources } from '../template.ts';
import { operationalAlarms, severityOf, tellsTopic } from './alarms.ts';

/** Names of the alarms in the rule of a composite one. */
function childrenOf({ resource }: LocatedResource): string[] {
  const rule = String(at(resource.Properties, 'AlarmRule'));
  return [...rule.matchAll(/ALARM\("([^"]+)"\)/g)].map(([, name = '']) => name);
}

function composites(assembly: Assembly): LocatedResource[] {
  return resources(assembly, 'AWS::CloudWatch::CompositeAlarm');
}

function nameOf({ resource }: LocatedResource): string {
  return String(at(resource.Properties, 'AlarmName'));
}

/** Every alarm that is worth waking somebody for is in one page, which wakes them once. */
export function pagesAreComplete(assembly: Assembly): string[] {
  return operationalAlarms(assembly)
    .filter((alarm) => severityOf(alarm) === 'page')
    .flatMap((alarm) => {
      const pages = composites(assembly).filter((page) => childrenOf(page).includes(nameOf(alarm)));
      return pages.length === 1 ? [] : [`${alarm.where} is in ${pages.length} pages`];
    });
}

/** Every page is made of alarms that are there before it, and of nothing else. */
export function pagesAreMadeOfAlarms(assembly: Assembly): string[] {
  const alarms = operationalAlarms(assembly);
  return composites(assembly).flatMap((page) => {
    const { where, stack, resource } = page;
    const children = childrenOf(page);
    const findings = children.flatMap((name) => {
      const alarm = alarms.find((candidate) => nameOf(candidate) === name);
      if (alarm === undefined) return [`${where} is made of ${name}, which does not exist`];
      if (severityOf(alarm) !== 'page') return [`${where} wakes somebody for the ticket ${name}`];
      if (alarm.stack === stack) {
        const dependsOn: unknown = JSON.parse(stack.text).Resources[page.logicalId]?.DependsOn ?? [];
        return [dependsOn].flat().includes(alarm.logicalId) ? [] : [`${where} may come before ${name}`];
      }
      return stack.dependsOn.includes(alarm.stack.id) ? [] : [`${where} is deployed before ${name}`];
    });
    const rest = String(at(resource.Properties, 'AlarmRule')).replace(/ALARM\("[^"]+"\)|OR|AND|[() ]/g, '');
    if (children.length === 0 || rest !== '') findings.push(`${where} has a rule that is not one of alarms`);
    return findings;
  });
}

/** A page tells those who are woken, of its end as well, or nobody; it never scales anything. */
export function pagesOnlyWake(assembly: Assembly): string[] {
  return composites(assembly).flatMap((page) => {
    const { where, resource } = page;
    const findings: string[] = [];
    const told = (['AlarmActions', 'OKActions'] as const).map((name) => {
      const count = asList(at(resource.Properties, name)).length;
      if (count > 0 && !(count === 1 && tellsTopic(assembly, page, 'Pages', name)))
        findings.push(`${where} does not only wake (${name})`);
      return count > 0;
    });
    if (told[0] !== told[1]) findings.push(`${where} tells only half`);
    if (asList(at(resource.Properties, 'InsufficientDataActions')).length > 0)
      findings.push(`${where} does not only wake (InsufficientDataActions)`);
    if (severityOf(page) !== 'page') findings.push(`${where} does not say impact, first action and runbook`);
    const cause = at(resource.Properties, 'ActionsSuppressor');
    const causes = composites(assembly).filter((other) => other !== page && other.stack === page.stack);
    if (cause !== undefined && !causes.some(({ logicalId }) => flatten(cause) === `\${${logicalId}}`))
      findings.push(`${where} waits for a cause that is no page`);
    return findings;
  });
}
