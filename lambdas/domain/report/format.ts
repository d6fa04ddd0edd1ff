import { civilDate } from '../observation/day.ts';

/**
 * Figures in words, the same on every machine: nothing here asks for a locale.
 */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** A day number as `3 May 2025`. */
export function longDay(day: number): string {
  const { year, month, dayOfMonth } = civilDate(day);
  return `${dayOfMonth} ${MONTHS[month - 1]} ${year}`;
}

/** A ratio as a percentage of three significant digits: 0.02357 is `2.36 %`. 0 is `0 %`. */
export function percentage(ratio: number): string {
  return `${significant(ratio * 100, 3)} %`;
}

/** A ratio as a percentage of at most three significant digits: 0.046 is `4.6 %`. */
export function shortPercentage(ratio: number): string {
  return `${Number(significant(ratio * 100, 3))} %`;
}

/** A number with so many significant digits and never an exponent: 0.0316 to two digits is `0.032`. 0 is `0`. */
export function significant(value: number, digits: number): string {
  if (value === 0) return '0';
  const exponent = Number(value.toExponential(digits - 1).split('e')[1]);
  return value.toFixed(Math.min(100, Math.max(0, digits - 1 - exponent)));
}

/** How a figure stands against a benchmark, in whole per cent: `40 % lower than`, `level with`, `above`. */
export function standing(figure: number, benchmark: number): string {
  if (benchmark === 0) return figure > 0 ? 'above' : 'level with';
  const change = figure / benchmark - 1;
  const percent = Math.round(Math.abs(change) * 100);
  if (percent === 0) return 'level with';
  return `${percent} % ${change < 0 ? 'lower' : 'higher'} than`;
}

/** `1 observed day`, `12 observed days`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
