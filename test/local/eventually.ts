import { setTimeout as delay } from 'node:timers/promises';

/** Calls `probe` until it gives something, up to a deadline. @throws Error saying what was waited for */
export async function eventually<Value>(
  what: string,
  probe: () => Promise<Value | undefined> | Value | undefined,
  withinMs = 15_000,
): Promise<Value> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await delay(25);
  }
}
