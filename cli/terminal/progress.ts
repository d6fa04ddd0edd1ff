import cliProgress, { type SingleBar } from 'cli-progress';
import { bytes, count, counted, duration, wholeDuration } from '../format.ts';
import type { OutputStream } from './io.ts';
import { truncate } from './text.ts';

interface ReadingState {
  /** Bytes of the input consumed, as they lie in the file. */
  readonly bytes: number;
  readonly rows: number;
  readonly rejected: number;
}

/** What a run tells while it works. `start…` opens a stage, `…ed` closes it with one line. */
export interface Progress {
  startReading(name: string, totalBytes: number | null): void;
  reading(state: ReadingState): void;
  read(state: ReadingState): void;
  startAnalysing(items: number): void;
  analysing(done: number): void;
  analysed(items: number): void;
  /** Leaves the terminal clean after a failure. */
  abandon(): void;
}

/** Where progress is drawn: one line that moves, or lines one after the other. */
interface Display {
  start(text: string, total: number | null): void;
  /** @param done of the stage's total */
  update(done: number, text: string): void;
  finish(text: string): void;
  abandon(): void;
}

/** Progress that is never shown. */
export const SILENT: Progress = {
  startReading: () => undefined,
  reading: () => undefined,
  read: () => undefined,
  startAnalysing: () => undefined,
  analysing: () => undefined,
  analysed: () => undefined,
  abandon: () => undefined,
};

/**
 * Progress on a stream: a bar that is redrawn in place, or sparse lines (one per stage and per 10 %, at most one a
 * second) where a bar would end up in a log.
 *
 * @param now seconds on any steady clock
 */
export function progressOn(stream: OutputStream, asBar: boolean, now: () => number): Progress {
  const display = asBar ? barDisplay(stream) : lineDisplay((text) => stream.write(`${text}\n`), now);
  let started = now();
  let total: number | null = null;

  const readingText = ({ bytes: done, rows, rejected }: ReadingState): string => {
    const seconds = now() - started;
    const rate = seconds > 0 ? done / seconds : 0;
    return [
      total === null ? bytes(done) : `${bytes(done)} of ${bytes(total)}`,
      ...(seconds >= 0.5 ? [`${bytes(rate)}/s`] : []),
      counted(rows, 'row'),
      ...(rejected > 0 ? [`${count(rejected)} rejected`] : []),
      ...(total !== null && seconds >= 1 && rate > 0
        ? [`about ${wholeDuration((total - done) / rate)} left`]
        : []),
    ].join(' · ');
  };

  return {
    startReading(name, totalBytes) {
      started = now();
      total = totalBytes;
      display.start(`Reading ${name}${total === null ? '' : ` (${bytes(total)})`}`, total);
    },
    reading: (state) => display.update(state.bytes, readingText(state)),
    read({ rows, rejected, bytes: done }) {
      const refused = rejected > 0 ? `, ${count(rejected)} rejected` : '';
      display.finish(
        `Read ${counted(rows, 'row')} (${bytes(done)}) in ${duration(now() - started)}${refused}`,
      );
    },
    startAnalysing(items) {
      started = now();
      total = items;
      display.start(`Analysing ${counted(items, 'creative')}`, items);
    },
    analysing: (done) => display.update(done, `${count(done)} of ${counted(total ?? 0, 'creative')}`),
    analysed: (items) =>
      display.finish(`Analysed ${counted(items, 'creative')} in ${duration(now() - started)}`),
    abandon: () => display.abandon(),
  };
}

function barDisplay(stream: OutputStream): Display {
  let bar: SingleBar | null = null;
  const close = (): void => {
    bar?.stop();
    bar = null;
  };
  return {
    start(text, total) {
      const stage = text.split(' ')[0] ?? text;
      bar = new cliProgress.SingleBar({
        stream,
        format: (options, { progress }, payload: { text: string }) => {
          const done =
            total === null
              ? []
              : [cliProgress.Format.BarFormat(progress, options), `${Math.floor(progress * 100)} %`];
          return truncate([stage.padEnd(10), ...done, payload.text].join('  '), (stream.columns ?? 80) - 1);
        },
        barCompleteChar: '█',
        barIncompleteChar: '░',
        barsize: 20,
        clearOnComplete: true,
        gracefulExit: false,
        hideCursor: false,
        linewrap: true,
      });
      bar.start(total ?? 0, 0, { text: '' });
    },
    update: (done, text) => bar?.update(done, { text }),
    finish(text) {
      close();
      stream.write(`${text}\n`);
    },
    abandon: close,
  };
}

const STEP = 0.1;
/** Where the end is not known, a line each time this much more has been read. */
const STEP_WITHOUT_TOTAL = 250e6;
const SECONDS_BETWEEN_LINES = 1;

function lineDisplay(print: (line: string) => void, now: () => number): Display {
  let next = 0;
  let step = 0;
  let size: number | null = null;
  let last = 0;
  return {
    start(text, total) {
      print(text);
      size = total;
      step = total === null ? STEP_WITHOUT_TOTAL : total * STEP;
      next = step;
      last = now();
    },
    update(done, text) {
      if (done < next || now() - last < SECONDS_BETWEEN_LINES) return;
      const passed = Math.floor(done / step);
      print(`  ${size === null ? '' : `${passed * 10} %  `}${text}`);
      next = (passed + 1) * step;
      last = now();
    },
    finish: print,
    abandon: () => undefined,
  };
}
