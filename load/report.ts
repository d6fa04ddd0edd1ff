import { errorsOf, isMet, type Measurement, type TaskResult } from './measurement.ts';

const HEADINGS = [
  '',
  'requests',
  'a minute',
  'p50 ms',
  'p95',
  'p99',
  'p95 target',
  'errors',
  'cache hits',
  '',
];

/** A measurement as a table, and below it what went wrong. */
export function reportOf(title: string, { results, seconds, late }: Measurement): string {
  const rows = [HEADINGS, ...results.map((result) => cellsOf(result, seconds))];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const align = (cell: string, column: number): string => {
    const width = widths[column] ?? 0;
    return column === 0 ? cell.padEnd(width) : cell.padStart(width);
  };
  const total = results.reduce((sum, { requests }) => sum + requests, 0);
  return [
    title,
    ...rows.map((row) => row.map(align).join('  ').trimEnd()),
    `${whole(total)} requests in ${seconds.toFixed(1)} s, ${whole((60 * total) / seconds)} a minute`,
    ...(late === null ? [] : [`sent late by ${late.toFixed(1)} ms or less (p99), which is in the times`]),
    ...results.flatMap(failuresOf),
    '',
  ].join('\n');
}

function cellsOf(result: TaskResult, seconds: number): string[] {
  const { task, requests, cacheHits, p50, p95, p99 } = result;
  return [
    task.name,
    whole(requests),
    whole((60 * requests) / seconds),
    ...[p50, p95, p99].map((value) => (Number.isNaN(value) ? '–' : value.toFixed(1))),
    `< ${task.p95BelowMs}`,
    whole(errorsOf(result)),
    task.items === null ? '' : `${((100 * cacheHits) / Math.max(1, requests)).toFixed(1)} %`,
    isMet(result) ? 'met' : 'MISSED',
  ];
}

function failuresOf({ task, failures }: TaskResult): string[] {
  return Object.entries(failures).map(([outcome, count]) => `${task.name}: ${whole(count)} × ${outcome}`);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-GB');
}
