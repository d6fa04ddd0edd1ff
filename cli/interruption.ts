import { AnalysisError } from '../lambdas/domain/errors.ts';

/** Ctrl-C and termination as an abort signal, so that work can stop in good order. */
export interface Interruption {
  readonly signal: AbortSignal;
  /**
   * Runs work that never yields. No signal could be handled meanwhile, so the system's own action is put back: Ctrl-C
   * then ends the process at once.
   */
  duringBlocking<T>(work: () => T): T;
  /** Leaves signals to the system again. */
  release(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export function catchInterruption(target: NodeJS.Process): Interruption {
  const controller = new AbortController();
  const interrupt = (): void => {
    controller.abort(
      new AnalysisError('cancelled', 'Stopped on request. A report that was not finished leaves no file.'),
    );
  };
  const listen = (): void => {
    for (const name of SIGNALS) target.once(name, interrupt);
  };
  const unlisten = (): void => {
    for (const name of SIGNALS) target.off(name, interrupt);
  };
  listen();
  return {
    signal: controller.signal,
    duringBlocking(work) {
      unlisten();
      try {
        return work();
      } finally {
        listen();
      }
    },
    release: unlisten,
  };
}
