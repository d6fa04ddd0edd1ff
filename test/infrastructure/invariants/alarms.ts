import { type Assembly, asList, at, flatten, type Json, resources, target } from '../template.ts';
import { isScalingAlarm } from './scaling.ts';

const DESCRIPTION = /^Impact: [A-Z].{20,}\. First action: [A-Z].{20,}\. Runbook: docs\/\S+\.md#[a-z0-9-]+$/;

/** Every alarm but those that scale says who is hurt and what to do first, tells someone, and knows what missing data means. */
export function alarmsAreActionable(assembly: Assembly): string[] {
  const topics = resources(assembly, 'AWS::SNS::Topic').flatMap(({ stack, logicalId }) =>
    Object.entries(stack.template.Outputs)
      .filter(([, output]) => at(output.Value, 'Ref') === logicalId)
      .map(([name]) => `\${${stack.stackName}.${name}}`),
  );
  const alarms = resources(assembly, 'AWS::CloudWatch::Alarm').filter((alarm) => !isScalingAlarm(alarm));
  return alarms.flatMap(({ stack, where, resource }) => {
    const findings: string[] = [];
    const property = (name: string) => at(resource.Properties, name);
    if (!DESCRIPTION.test(String(property('AlarmDescription')))) {
      findings.push(`${where} does not say impact, first action and runbook`);
    }
    for (const actions of ['AlarmActions', 'OKActions']) {
      const tellsTopic = (action: Json) =>
        topics.includes(flatten(action)) ||
        stack.template.Resources[target(action) ?? '']?.Type === 'AWS::SNS::Topic';
      if (!asList(property(actions)).some(tellsTopic)) {
        findings.push(`${where} tells nobody (${actions})`);
      }
    }
    if (property('ActionsEnabled') === false) findings.push(`${where} is muted`);
    if (property('TreatMissingData') === undefined)
      findings.push(`${where} does not say what missing data means`);
    return findings;
  });
}
