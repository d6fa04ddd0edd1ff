import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newDirectory } from './directories.ts';

const HEADER = 'Ad name,Day,Impressions,Link clicks,Amount spent (GBP)';

/** A day of March 2025 and after. */
export function isoDay(offset: number): string {
  return new Date(Date.UTC(2025, 2, 1 + offset)).toISOString().slice(0, 10);
}

interface CreativeGiven {
  readonly name: string;
  readonly days?: number;
  /** Clicks of 10,000 impressions on a day. */
  readonly clicks?: (day: number) => number;
}

/** Rows of one creative with a little weekly movement; 60 days at a CTR of about 2 % unless said otherwise. */
export function rowsOf({ name, days = 60, clicks = () => 200 }: CreativeGiven): string[] {
  const cell = /[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
  return Array.from({ length: days }, (_, day) => {
    const moved = clicks(day) + [3, -4, 1, 0, -2, 4, -2][day % 7]!;
    return `${cell},${isoDay(day)},10000,${moved},50.00`;
  });
}

/** CTR halves on the 36th of 60 days. */
export const wornOut = (name: string): string[] => rowsOf({ name, clicks: (day) => (day < 35 ? 200 : 100) });

export const steady = (name: string): string[] => rowsOf({ name });

export const csvOf = (...rows: readonly (readonly string[])[]): string =>
  `${[HEADER, ...rows.flat()].join('\n')}\n`;

/** Puts a file into a directory of its own and returns its path. */
export function fileWith(content: string | Uint8Array, name = 'spring.csv'): string {
  const path = join(newDirectory(), name);
  writeFileSync(path, content);
  return path;
}
