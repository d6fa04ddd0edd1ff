/**
 * Calendar days of observations (analysis spec §1) as day numbers: days since 1970-01-01 in the proleptic Gregorian
 * calendar, UTC. Conversions follow H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
 */

/** Orders of day, month and year. All but the first, which is always read, have to be named: they are never guessed. */
export const DAY_FORMATS = ['YYYY-MM-DD', 'DD/MM/YYYY', 'MM/DD/YYYY'] as const;
export type DayFormat = (typeof DAY_FORMATS)[number];

const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const YEAR_FIRST = /^(\d{4})(?:-(\d\d)-(\d\d)|\/(\d\d)\/(\d\d)|(\d\d)(\d\d))$/;
const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d{1,32})?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const SLASHED = /^(\d\d)\/(\d\d)\/(\d{4})$/;
const MINUTES_PER_DAY = 24 * 60;

/** The day number of a date, or null when there is no such date. */
export function dayNumber(year: number, month: number, day: number): number | null {
  if (month < 1 || month > 12 || day < 1) return null;
  const leapDay = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
  if (day > (MONTH_LENGTHS[month - 1] ?? 0) + leapDay) return null;
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The days of a dataset are few and named often: by every segment and change point of every item. */
const formatted = new Map<number, string>();
const MAX_FORMATTED = 10_000;

/** `YYYY-MM-DD` of a day number. */
export function formatDay(day: number): string {
  const known = formatted.get(day);
  if (known !== undefined) return known;
  const { year, month, dayOfMonth } = civilDate(day);
  const pad = (value: number, width: number) => String(value).padStart(width, '0');
  const text = `${year < 0 ? '-' : ''}${pad(Math.abs(year), 4)}-${pad(month, 2)}-${pad(dayOfMonth, 2)}`;
  if (formatted.size < MAX_FORMATTED) formatted.set(day, text);
  return text;
}

/** The calendar date of a day number. */
export function civilDate(day: number): { year: number; month: number; dayOfMonth: number } {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    dayOfMonth: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

/**
 * The day number of a trimmed day field: `YYYY-MM-DD`, `YYYY/MM/DD`, `YYYYMMDD`, an RFC 3339 timestamp (converted to
 * UTC, then cut to the day), or the named `format`. Null when it is none of these or no such date exists.
 */
export function parseDay(text: string, format: DayFormat | null): number | null {
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst) {
    const month = yearFirst[2] ?? yearFirst[4] ?? yearFirst[6];
    const day = yearFirst[3] ?? yearFirst[5] ?? yearFirst[7];
    return dayNumber(Number(yearFirst[1]), Number(month), Number(day));
  }
  const slashed = format === null || format === 'YYYY-MM-DD' ? null : SLASHED.exec(text);
  if (slashed) {
    const [first, second, year] = [Number(slashed[1]), Number(slashed[2]), Number(slashed[3])];
    return format === 'DD/MM/YYYY' ? dayNumber(year, second, first) : dayNumber(year, first, second);
  }
  return parseTimestamp(text);
}

function parseTimestamp(text: string): number | null {
  const parts = RFC3339.exec(text);
  if (!parts) return null;
  const local = dayNumber(Number(parts[1]), Number(parts[2]), Number(parts[3]));
  const [hour, minute, second] = [Number(parts[4]), Number(parts[5]), Number(parts[6])];
  const [offsetHour, offsetMinute] = [Number(parts[8] ?? 0), Number(parts[9] ?? 0)];
  if (local === null || hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59)
    return null;
  const offset = (offsetHour * 60 + offsetMinute) * (parts[7] === '-' ? 1 : -1);
  return local + Math.floor((hour * 60 + minute + offset) / MINUTES_PER_DAY);
}
