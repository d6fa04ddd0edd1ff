import { results } from './0001-results.ts';
import { roles } from './0002-roles.ts';
import { history } from './0003-history.ts';
import { historyCurrency } from './0004-history-currency.ts';
import { historyPacked } from './0005-history-packed.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** All migrations in their order. An applied one is never changed: its checksum is on record. */
export const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: 'results', sql: results },
  { version: 2, name: 'roles', sql: roles },
  { version: 3, name: 'history', sql: history },
  { version: 4, name: 'history-currency', sql: historyCurrency },
  { version: 5, name: 'history-packed', sql: historyPacked },
];
