import { UsageError } from '../errors.ts';

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, y: 365 * 86_400_000 };

/**
 * When something ends that lasts from now: `12h`, `90d`, `1y`, or null for `never`.
 *
 * @param now milliseconds since the epoch
 * @throws UsageError for anything else
 */
export function endOf(duration: string, now: number): string | null {
  if (duration === 'never') return null;
  const [, count = '', unit = ''] = /^([1-9]\d{0,3})([hdy])$/.exec(duration) ?? [];
  const milliseconds = UNIT_MS[unit];
  if (milliseconds === undefined)
    throw new UsageError(`--expires takes 12h, 90d, 1y or never, not ${JSON.stringify(duration)}.`);
  const end = now + Number(count) * milliseconds;
  return new Date(end).toISOString();
}
