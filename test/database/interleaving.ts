import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { vi } from 'vitest';

/** What somebody does at the database; its connections bear its name. */
export interface Part {
  readonly name: string;
  readonly work: () => Promise<unknown>;
}

export interface Outcome {
  readonly results: readonly PromiseSettledResult<unknown>[];
  /** How many statements each made when it was its turn, which are fewer when it had to wait or had no more. */
  readonly turns: readonly [number, number];
  /** SQLSTATEs of statements that failed. */
  readonly errors: readonly string[];
}

/** After so long it is asked whether somebody waits for a lock. */
const POLL_MS = 4;
const current = new AsyncLocalStorage<Actor>();
const query = pg.Client.prototype.query;

vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...values: unknown[]) {
  const actor = current.getStore();
  const statement = (): Promise<unknown> => Reflect.apply(query, this, values);
  // Nothing depends on when a transaction begins, but on when its first statement comes.
  return actor === undefined || values[0] === 'BEGIN' ? statement() : actor.pass(statement);
});

/** Somebody whose statements wait until each is let go. */
class Actor {
  readonly name: string;
  readonly ended: Promise<PromiseSettledResult<unknown>>;
  readonly errors: string[] = [];
  statements = 0;
  hasEnded = false;
  readonly #gate: (() => void)[] = [];
  #underWay = 0;
  #settled = Promise.withResolvers<void>();

  constructor({ name, work }: Part) {
    this.name = name;
    const [ended] = [Promise.allSettled([current.run(this, work)])];
    this.ended = ended.then(([result]) => {
      this.hasEnded = true;
      this.#tell();
      return result;
    });
  }

  async pass(statement: () => Promise<unknown>): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate.push(resolve);
    this.#tell();
    await promise;
    try {
      return await statement();
    } catch (error) {
      if (error instanceof pg.DatabaseError) this.errors.push(error.code ?? '');
      throw error;
    } finally {
      this.#underWay--;
      this.#tell();
    }
  }

  #tell(): void {
    if (this.hasSettled) this.#settled.resolve();
  }

  /** Whether all that it was let do is done, and it wants to do more or nothing. */
  get hasSettled(): boolean {
    return this.hasEnded || (this.#underWay === 0 && this.#gate.length > 0);
  }

  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  letGo(): void {
    this.#underWay++;
    this.#settled = Promise.withResolvers();
    this.statements++;
    this.#gate.shift()?.();
  }
}

/**
 * Has two do their work at once, in one order of statements: so many of the first, so many of the second, then all others
 * of the first and of the second. Who waits for a lock of the other lets the other go on.
 */
export async function interleaved(
  owner: pg.Client,
  parts: readonly [Part, Part],
  [ofFirst, ofSecond]: readonly [number, number],
): Promise<Outcome> {
  const actors = parts.map((part) => new Actor(part));
  const [first, second] = [actors[0]!, actors[1]!];
  const turns = [await advance(owner, first, ofFirst), await advance(owner, second, ofSecond)] as const;
  while (!first.hasEnded || !second.hasEnded) {
    await advance(owner, first, Number.POSITIVE_INFINITY);
    await advance(owner, second, Number.POSITIVE_INFINITY);
  }
  return {
    results: await Promise.all(actors.map(({ ended }) => ended)),
    turns,
    errors: actors.flatMap(({ errors }) => errors),
  };
}

/** @returns how many statements it made of those it was let */
async function advance(owner: pg.Client, actor: Actor, statements: number): Promise<number> {
  const before = actor.statements;
  while (actor.statements - before < statements && (await settles(owner, actor)) && !actor.hasEnded) {
    actor.letGo();
  }
  await settles(owner, actor);
  return actor.statements - before;
}

/** Waits for what an actor does. @returns whether it is done; it is not when it waits for a lock */
async function settles(owner: pg.Client, actor: Actor): Promise<boolean> {
  while (!actor.hasSettled) {
    await Promise.race([actor.settled, delay(POLL_MS)]);
    if (!actor.hasSettled && (await waitsForLock(owner, actor.name))) return false;
  }
  return true;
}

async function waitsForLock(owner: pg.Client, name: string): Promise<boolean> {
  const { rows } = await owner.query<{ waits: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock') AS waits`,
    [name],
  );
  return rows[0]?.waits === true;
}
