/** Ctrl-C and termination of a process. */
export interface Interruption {
  /** Aborted by the first of them. */
  readonly signal: AbortSignal;
  /** Leaves signals to the system again. */
  release(): void;
}

/** As much of a process as its signals need. */
interface SignalTarget {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** npm hands on what the terminal has told this process already; nobody presses a key twice that fast. */
const SAME_PRESS_MILLISECONDS = 300;
/** Stopping in good order takes a fraction of it. */
const PATIENCE_MILLISECONDS = 3000;

/**
 * Turns the first signal into an abort, so that work can stop in good order.
 *
 * @param endAtOnce called for a second one, and when the good order takes too long
 */
export function catchInterruption(target: SignalTarget, endAtOnce: () => void): Interruption {
  const controller = new AbortController();
  let first = 0;
  let patience: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      first = now;
      patience = setTimeout(endAtOnce, PATIENCE_MILLISECONDS);
      controller.abort();
    } else if (now - first > SAME_PRESS_MILLISECONDS) {
      endAtOnce();
    }
  };
  for (const name of SIGNALS) target.on(name, interrupt);
  return {
    signal: controller.signal,
    release() {
      clearTimeout(patience);
      for (const name of SIGNALS) target.off(name, interrupt);
    },
  };
}
