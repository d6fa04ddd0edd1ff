import { createContext, Script } from 'node:vm';

const SCRIPT = new Script('work()');

/** Work took longer than it may. */
export class TooSlow extends Error {}

/**
 * Does work that may take for ever, as a regular expression of somebody's may, and ends it then.
 *
 * @throws TooSlow when it is not done in time
 */
export function withinTime(milliseconds: number, work: () => void): void {
  try {
    SCRIPT.runInContext(createContext({ work }), { timeout: milliseconds });
  } catch (error) {
    // An error of the other context's, so not one of this one's class.
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new TooSlow(`it took more than ${milliseconds} ms`);
    throw error;
  }
}
