import type { AlarmStateChange } from './state-change.ts';

/** A change as a line of the log of alarms. */
export function logLine({ alarm, state, previous }: AlarmStateChange): string {
  return `${alarm.name} ${previous.value} → ${state.value}: ${state.reason}`;
}

/**
 * A change as a line for people: what is wrong and what to do first, or that it is over.
 *
 * @returns undefined for what nobody needs to hear of, such as alarms that scale
 */
export function announcement({ alarm, state, previous }: AlarmStateChange): string | undefined {
  const [, impact, firstAction] =
    /^Impact: (.*?) First action: (.*?)(?: Runbook: .*)?$/s.exec(alarm.description) ?? [];
  if (impact === undefined || firstAction === undefined) return undefined;
  const name = alarm.name.replace(`${alarm.stackName}-`, '');
  if (state.value === 'ALARM') return `ALARM ${name}: ${impact} → ${firstAction}`;
  return state.value === 'OK' && previous.value === 'ALARM' ? `OK    ${name}: it is over.` : undefined;
}
