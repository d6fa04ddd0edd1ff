type Cell = string | number | boolean | null;

/** A column of a CSV file: its header, and the cell of a row. */
export type CsvColumn<Row> = readonly [header: string, cell: (row: Row) => Cell];

/**
 * A CSV file, line by line: RFC 4180 with lines that end in LF, as the library's pandas writes them and text tools
 * expect, and without a byte order mark, which would become part of the first header elsewhere. Numbers have all their digits and a decimal point. Text that a spreadsheet would run as a
 * formula begins with `'`.
 */
export function csvHeader<Row>(columns: readonly CsvColumn<Row>[]): string {
  return `${columns.map(([name]) => quoted(name)).join(',')}\n`;
}

export function csvRow<Row>(columns: readonly CsvColumn<Row>[], row: Row): string {
  return `${columns.map(([, cell]) => cellText(cell(row))).join(',')}\n`;
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  return typeof cell === 'string' ? quoted(/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell) : String(cell);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
