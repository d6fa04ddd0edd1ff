import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

interface Row {
  readonly section: string;
  readonly cells: readonly string[];
}

/** `docs/scaling.md` as it is. */
export const SCALING_PAGE = readFileSync('docs/scaling.md', 'utf8');

/** Rows of its tables whose first column is the guide's, in their order. */
export const SCALING_ROWS: readonly Row[] = SCALING_PAGE.split(/^## /m)
  .slice(1)
  .flatMap((part) => {
    const [section = '', ...lines] = part.split('\n');
    if (!lines.includes('| guide | on AWS | held by | proved by |')) return [];
    return lines
      .filter((line) => line.startsWith('| ') && !line.startsWith('| guide |'))
      .map((line) => ({ section, cells: line.slice(2, -2).split(' | ') }));
  });

/** What the page says of AWS in the one row of a section whose first cell has a phrase. */
export function saidOf(section: string, phrase: string): string {
  const found = SCALING_ROWS.filter((row) => row.section === section && row.cells[0]?.includes(phrase));
  expect(found).toHaveLength(1);
  return found[0]?.cells[1] ?? '';
}
