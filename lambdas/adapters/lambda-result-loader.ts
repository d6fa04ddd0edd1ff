import type { ResultLoader } from '../ports/result-loader.ts';
import { type CalledFunction, invoke } from './lambda-invocation.ts';

/** Has results loaded by the function that lives beside the database, and waits for it. */
export function createLambdaResultLoader(called: CalledFunction): ResultLoader {
  return {
    async load(run) {
      await invoke(called, run);
    },
    async join(run) {
      await invoke(called, { joinHistory: run });
    },
  };
}
