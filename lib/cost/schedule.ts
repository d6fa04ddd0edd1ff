import { HOURS_A_MONTH } from './prices.ts';

const MINUTES = { minute: 1, hour: 60, day: 24 * 60 } as const;

/**
 * How often a month a schedule comes up.
 *
 * @param expression such as `rate(5 minutes)`
 * @throws Error when it is no rate
 */
export function runsAMonth(expression: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count === undefined || (unit !== 'minute' && unit !== 'hour' && unit !== 'day'))
    throw new Error(`How often a month does ${expression} come up? Only rates are known.`);
  return (HOURS_A_MONTH * 60) / (Number(count) * MINUTES[unit]);
}
