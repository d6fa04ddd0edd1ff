const DAY_MS = 86_400_000;
const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: DAY_MS };

/** Milliseconds since the epoch of the first run after `after`; undefined when there is none. */
export type Schedule = (after: number) => number | undefined;

interface Field {
  readonly min: number;
  readonly max: number;
  /** Names of values, the first of which is `min`. */
  readonly names?: readonly string[];
}

const FIELDS: readonly Field[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  {
    min: 1,
    max: 12,
    names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  { min: 1, max: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
  { min: 1970, max: 2199 },
];

// More than four years, so that a 29 February is found.
const HORIZON_DAYS = 1500;

/**
 * A schedule of EventBridge: `rate(5 minutes)`, or `cron(minute hour day month weekday year)` in UTC with lists,
 * ranges and steps.
 *
 * @throws Error when it is neither, or uses `L`, `W` or `#`
 */
export function parseSchedule(expression: string): Schedule {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const step = Number(count) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  if (step > 0) return (after) => after + step;
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.split(' ') ?? [];
  if (fields.length !== FIELDS.length) throw new Error(`the schedule ${expression} is not imitated`);
  return cron(
    fields.map((text, position) => values(text, FIELDS[position] ?? { min: 0, max: 0 }, expression)),
  );
}

function cron([minutes, hours, days, months, weekdays, years]: readonly ReadonlySet<number>[]): Schedule {
  return (after) => {
    const first = Math.floor(after / 60_000 + 1) * 60_000;
    for (let day = 0; day <= HORIZON_DAYS; day += 1) {
      const midnight = new Date(first - (first % DAY_MS) + day * DAY_MS);
      const runs =
        years?.has(midnight.getUTCFullYear()) &&
        months?.has(midnight.getUTCMonth() + 1) &&
        days?.has(midnight.getUTCDate()) &&
        weekdays?.has(midnight.getUTCDay() + 1);
      if (runs !== true) continue;
      for (const hour of hours ?? []) {
        for (const minute of minutes ?? []) {
          const time = midnight.getTime() + hour * 3_600_000 + minute * 60_000;
          if (time >= first) return time;
        }
      }
    }
    return undefined;
  };
}

/** Values a field names, ascending. */
function values(text: string, { min, max, names }: Field, expression: string): ReadonlySet<number> {
  const number = (name: string): number => {
    const position = names?.indexOf(name) ?? -1;
    const value = position === -1 ? Number(name) : min + position;
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new Error(`the schedule ${expression} is not imitated: ${name}`);
  };
  const found = text.split(',').flatMap((part) => {
    const [range = '', step = '1'] = part.split('/');
    const [from, to] = range === '*' || range === '?' ? [min, max] : range.split('-').map(number);
    const last = to ?? (part.includes('/') ? max : from);
    const all: number[] = [];
    for (let value = from ?? min; value <= (last ?? max); value += Math.max(1, Number(step))) all.push(value);
    return all;
  });
  return new Set(found.sort((left, right) => left - right));
}
