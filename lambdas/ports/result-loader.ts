import type { JobRun } from '../contracts/object-keys.ts';
import type { Requested } from '../contracts/request.ts';

export interface ResultLoader {
  /** Has the results of a run, which lie in objects, put where they can be searched. Doing it again changes nothing. */
  load(run: JobRun & Requested): Promise<void>;

  /** Has the days of an upload added to the history of its dataset. Doing it again changes nothing. */
  join(run: JobRun & Requested): Promise<void>;
}
