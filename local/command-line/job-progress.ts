import { counted } from '../../cli/format.ts';
import { canDrawBar, type Io } from '../../cli/terminal/io.ts';
import { truncate } from '../../cli/terminal/text.ts';
import type { Job } from '../../lambdas/contracts/job.ts';
import { isFinal, JOB_STATE_RULES } from '../../lambdas/domain/job/states.ts';
import type { JobProgress } from '../../lambdas/pipeline/read-progress.ts';

/** Shows how far a job is, until it is over. */
export interface JobProgressView {
  show(job: Job, progress: JobProgress): void;
  /** Leaves the terminal clean, wherever the job is. */
  end(): void;
}

/** Progress that is never shown. */
export const SILENT: JobProgressView = { show: () => undefined, end: () => undefined };

const CELLS = 20;
const CLEAR_LINE = '\r\u001b[K';

/** A bar that is redrawn in place on a terminal; elsewhere a line for each state the job comes to. */
export function jobProgressOn(io: Io): JobProgressView {
  return canDrawBar(io) ? barOn(io) : linesOn(io);
}

function barOn({ stderr }: Io): JobProgressView {
  return {
    show({ state }, { percent, rowsRead }) {
      const filled = Math.round((percent / 100) * CELLS);
      const bar = '█'.repeat(filled) + '░'.repeat(CELLS - filled);
      const rows = rowsRead > 0 ? `  ${counted(rowsRead, 'row')}` : '';
      const line = `${bar}  ${percent} %  ${state}${rows}`;
      stderr.write(CLEAR_LINE + truncate(line, (stderr.columns ?? 80) - 1));
    },
    end: () => stderr.write(CLEAR_LINE),
  };
}

function linesOn({ stderr }: Io): JobProgressView {
  let shown: string | undefined;
  return {
    show({ state }) {
      if (state === shown || isFinal(state)) return;
      shown = state;
      stderr.write(`  ${state.padEnd(10)}  ${JOB_STATE_RULES[state].meaning}\n`);
    },
    end: () => undefined,
  };
}
