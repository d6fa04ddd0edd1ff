import type { Dataset } from '../../lambdas/domain/input/dataset.ts';
import { FIELDS } from '../../lambdas/domain/observation/columns.ts';
import { count, counted } from '../format.ts';
import type { Paint } from '../terminal/style.ts';
import { harmless } from '../terminal/text.ts';
import { rejectLines } from './rejects.ts';

/** Which column every field is read from, one line each; a field without a column is shown as not used. */
export function columnLines({ columns, currency }: Dataset): string[] {
  const mapped = FIELDS.map((field) => {
    const column = columns[field] ?? null;
    return `  ${field.padEnd(12)} ${column === null ? '– not used' : `← ${harmless(column)}`}`;
  });
  return [...mapped, `  ${'currency'.padEnd(12)} ${currency}`];
}

/** What `--dry-run` prints: the mapping, then what could and could not be read. */
export function dryRunLines(name: string, dataset: Dataset, paint: Paint): string[] {
  const { rows, itemCount } = dataset;
  return [
    paint('bold', harmless(name)),
    ...columnLines(dataset),
    `${counted(rows.read, 'row')} read, ${count(rows.rejected)} rejected, ${counted(itemCount, 'creative')}`,
    ...rejectLines(rows),
  ];
}
