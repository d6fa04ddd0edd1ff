import type { ResultStore } from '../../ports/result-store.ts';
import type { Database } from './database.ts';
import { createResultReader } from './result-reader.ts';
import { createResultWriter } from './result-writer.ts';

/** Results in PostgreSQL. */
export function createPostgresResultStore(database: Database): ResultStore {
  return { ...createResultReader(database), ...createResultWriter(database) };
}
