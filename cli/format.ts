const LOCALE = 'en-GB';
const NOTHING = '–';

const wholeNumber = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const twoPlaces = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const threeDigits = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 });
const twoDigits = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 2 });

/** `121,440`; a dash for null. */
export function count(value: number | null): string {
  return value === null ? NOTHING : wholeNumber.format(value);
}

/** `1 creative`, `2 creatives`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A score between 0 and 1 with two places; a dash for null. */
export function score(value: number | null): string {
  return value === null ? NOTHING : twoPlaces.format(value);
}

/** Whole currency units with the currency's sign, `£3,912`; a dash for null. */
export function money(value: number | null, currency: string): string {
  if (value === null) return NOTHING;
  return new Intl.NumberFormat(LOCALE, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    maximumFractionDigits: 0,
  }).format(value);
}

/** A share of 1 in per cent, two significant digits: `3.2 %`. */
export function percent(share: number): string {
  return `${twoDigits.format(share * 100)} %`;
}

/** `840 kB`, `1.04 GB`: powers of 1,000, three significant digits. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let scaled = value;
  let unit = 0;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${threeDigits.format(scaled)} ${units[unit]}`;
}

/** `0.4 s`, `28 s`, `3 min 20 s`. */
export function duration(seconds: number): string {
  return seconds < 9.95 ? `${seconds.toFixed(1)} s` : wholeDuration(Math.round(seconds));
}

/** `1 s`, `28 s`, `3 min 20 s`; for time that is still to come. */
export function wholeDuration(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** An ISO day as `3 May 2025`, or as `3 May` without its year. */
export function day(iso: string, withYear = true): string {
  return new Intl.DateTimeFormat(LOCALE, {
    day: 'numeric',
    month: 'short',
    ...(withYear ? { year: 'numeric' } : {}),
    timeZone: 'UTC',
  }).format(new Date(`${iso}T00:00:00Z`));
}

/** `3 Mar – 6 Jun 2025`; both years where they differ, one day where it is one. */
export function period(from: string, to: string): string {
  if (from === to) return day(to);
  return `${day(from, !sameYear(from, to))} – ${day(to)}`;
}

export function sameYear(from: string, to: string): boolean {
  return from.slice(0, 4) === to.slice(0, 4);
}
