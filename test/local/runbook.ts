import { readFileSync } from 'node:fs';

/** The runbook of the on-call engineer. */
export const RUNBOOK = readFileSync('docs/operations.md', 'utf8');

/** Every query of logs in the runbook: those of `ask`, and of the functions that call it. */
export const QUERIES: readonly string[] = [...RUNBOOK.matchAll(/\bask (?:\d+|"\$1") '([^']+)'/g)].map(
  ([, query = '']) => query,
);

/** The query of one of the runbook's shell functions. */
export function queryOf(name: string): string {
  const [, query] = new RegExp(`^ {4}${name}\\(\\) +\\{ ask "\\$1" '([^']+)'`, 'm').exec(RUNBOOK) ?? [];
  if (query === undefined) throw new Error(`The runbook has no function ${name} that asks.`);
  return query;
}
