import type { Hints } from '../contracts/job.ts';

/** What a request says about how its file is to be read. */
export function hintsOf({ mapping, delimiter, dayFormat, currency }: Hints): Hints {
  return {
    ...(mapping !== undefined && { mapping }),
    ...(delimiter !== undefined && { delimiter }),
    ...(dayFormat !== undefined && { dayFormat }),
    ...(currency !== undefined && { currency }),
  };
}
