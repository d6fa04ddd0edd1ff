/** One line of a benchmark's result. */
export interface BenchRow {
  readonly name: string;
  /** NaN for what could not be measured on this machine. */
  readonly value: number;
  readonly unit: string;
  /** What `ratio` compares with. */
  readonly peer?: string;
  /** This value divided by the peer's, from the same interleaved rounds. */
  readonly ratio?: number;
  /** The bound on the ratio, or on the value of a row without a peer. */
  readonly target?: string;
  readonly met?: boolean;
}

const HEADINGS = ['', 'value', 'unit', 'ratio', 'to', 'target', ''];
const RIGHT = new Set([1, 3]);

/** Three significant digits below 100, else a whole number. */
function show(value: number | undefined): string {
  if (value === undefined) return '';
  if (Number.isNaN(value)) return '–';
  return Math.abs(value) < 100 ? value.toPrecision(3) : Math.round(value).toLocaleString('en-GB');
}

function verdict(met: boolean | undefined): string {
  if (met === undefined) return '';
  return met ? 'met' : 'MISSED';
}

/** Prints the rows as an aligned table on stdout. */
export function printRows(title: string, rows: readonly BenchRow[]): void {
  const cells = rows.map(({ name, value, unit, peer, ratio, target, met }) => [
    name,
    show(value),
    unit,
    show(ratio),
    peer ?? '',
    target ?? '',
    verdict(met),
  ]);
  const table = [HEADINGS, ...cells];
  const widths = HEADINGS.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  const align = (cell: string, column: number) => {
    const width = widths[column] ?? 0;
    return RIGHT.has(column) ? cell.padStart(width) : cell.padEnd(width);
  };
  const lines = table.map((line) => line.map(align).join('  ').trimEnd());
  process.stdout.write(`${title}\n${lines.join('\n')}\n`);
}
