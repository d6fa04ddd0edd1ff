import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { AwsError } from '../auth/errors.ts';
import { eventsOf, type LogEvent } from './events.ts';
import type { LogGroup } from './groups.ts';
import { TooSlow, withinTime } from './query/bounded.ts';
import type { Query } from './query/compile.ts';
import { Row } from './query/row.ts';
import { QueryTooLarge, type Stage } from './query/stages.ts';
import { textOf } from './query/value.ts';

type Status = 'Running' | 'Complete' | 'Failed' | 'Cancelled' | 'Timeout';

interface ResultField {
  readonly field: string;
  readonly value: string;
}

interface Run {
  status: Status;
  results: readonly (readonly ResultField[])[];
  readonly statistics: { recordsMatched: number; recordsScanned: number; bytesScanned: number };
}

/** Lines between which other work gets its turn, and how long these may take: nothing else here goes on meanwhile. */
const SLICE = 500;
const SLICE_MS = 1_000;
const MAX_KEPT = 100;

export interface Asked {
  readonly query: Query;
  readonly groups: readonly LogGroup[];
  /** Milliseconds, the last one included. */
  readonly from: number;
  readonly to: number;
}

/** Queries that run, and the newest that have ended. */
export class Queries {
  readonly #directory: string;
  readonly #log: (line: string) => void;
  readonly #runs = new Map<string, Run>();

  /**
   * @param directory of the local cloud's logs
   * @param log told why a query failed
   */
  constructor(directory: string, log: (line: string) => void) {
    this.#directory = directory;
    this.#log = log;
  }

  /** @returns the query's id */
  start(asked: Asked): string {
    const id = randomUUID();
    const statistics = { recordsMatched: 0, recordsScanned: 0, bytesScanned: 0 };
    const run: Run = { status: 'Running', results: [], statistics };
    this.#runs.set(id, run);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > MAX_KEPT && oldest !== undefined) this.#runs.delete(oldest);
    void this.#run(run, asked).catch((error: unknown) => {
      run.status = error instanceof TooSlow ? 'Timeout' : 'Failed';
      const isForeseen = error instanceof TooSlow || error instanceof QueryTooLarge;
      this.#log(`the query ${id} failed: ${isForeseen ? error.message : error}`);
    });
    return id;
  }

  /** @throws AwsError when there is no such query any more */
  get(id: string): Readonly<Run> {
    const run = this.#runs.get(id);
    if (run !== undefined) return run;
    throw new AwsError(400, 'ResourceNotFoundException', `Query ${id} not found.`);
  }

  /** @returns whether it was running */
  stop(id: string): boolean {
    const run = this.#runs.get(id);
    const isRunning = run?.status === 'Running';
    if (run !== undefined && isRunning) run.status = 'Cancelled';
    return isRunning;
  }

  async #run(run: Run, { query, groups, from, to }: Asked): Promise<void> {
    const results: ResultField[][] = [];
    const { first, matched } = pipeline(query, results);
    let slice: LogEvent[] = [];
    const work = () => {
      for (const event of slice) first.push(new Row(event));
    };
    for (const group of groups) {
      for await (const event of eventsOf(this.#directory, group, { from, to })) {
        run.statistics.recordsScanned += 1;
        run.statistics.bytesScanned += event.message.length;
        slice.push(event);
        if (slice.length < SLICE) continue;
        withinTime(SLICE_MS, work);
        slice = [];
        await setImmediate();
        if (run.status !== 'Running') return;
      }
    }
    withinTime(SLICE_MS, () => {
      work();
      first.end();
    });
    run.statistics.recordsMatched = matched();
    run.results = results;
    run.status = 'Complete';
  }
}

/** A query's commands, one before the other, and its results behind the last. */
function pipeline(query: Query, results: ResultField[][]): { first: Stage; matched: () => number } {
  const last: Stage = { push: (row) => results.push(shown(query, row)), end: () => undefined };
  let matched = 0;
  const { leading } = query;
  const counted = (next: Stage): Stage => ({
    push(row) {
      matched += 1;
      next.push(row);
    },
    end: () => next.end(),
  });
  const commands = [...query.commands.slice(0, leading), counted, ...query.commands.slice(leading)];
  const first = commands.reduceRight((next, command) => command(next), last);
  return { first, matched: () => matched };
}

function shown({ shown: names, isOfLines }: Query, row: Row): ResultField[] {
  return [...names, ...(isOfLines ? ['@ptr'] : [])].flatMap((field) => {
    const value = row.get(field);
    return value === undefined ? [] : [{ field, value: textOf(value) }];
  });
}
