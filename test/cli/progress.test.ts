import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Progress, progressOn } from '../../cli/terminal/progress.ts';

class FakeStream extends PassThrough {
  readonly isTTY: boolean;
  readonly columns = 100;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  written(): string {
    return String(this.read() ?? '');
  }
}

function started(isTTY: boolean): {
  stream: FakeStream;
  progress: Progress;
  tick: (seconds: number) => void;
} {
  const stream = new FakeStream(isTTY);
  let clock = 100;
  return {
    stream,
    progress: progressOn(stream, isTTY, () => clock),
    tick(seconds) {
      clock += seconds;
    },
  };
}

const state = (bytes: number, rejected = 0) => ({ bytes, rows: bytes / 100, rejected });

describe('progress in lines', () => {
  it('says a line per stage and per 10 %, with rate and time left', () => {
    const { stream, progress, tick } = started(false);
    progress.startReading('spring', 1e9);
    for (let done = 1; done <= 20; done++) {
      tick(2);
      progress.reading(state(done * 5e7, 3));
    }
    progress.read(state(1e9, 3));
    progress.startAnalysing(200);
    progress.analysing(200);
    tick(0.3);
    progress.analysed(200);
    const lines = stream.written().split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'Reading spring (1 GB)',
      '  10 %  100 MB of 1 GB · 25 MB/s · 1,000,000 rows · 3 rejected · about 36 s left',
      '  20 %  200 MB of 1 GB · 25 MB/s · 2,000,000 rows · 3 rejected · about 32 s left',
    ]);
    expect(lines.slice(-4)).toEqual([
      'Read 10,000,000 rows (1 GB) in 40 s, 3 rejected',
      'Analysing 200 creatives',
      'Analysed 200 creatives in 0.3 s',
      '',
    ]);
    expect(lines).toHaveLength(15);
  });

  it('keeps quiet between stages of a second or less', () => {
    const { stream, progress, tick } = started(false);
    progress.startReading('spring', 1000);
    for (let done = 1; done <= 9; done++) {
      tick(0.1);
      progress.reading(state(done * 100));
    }
    progress.read(state(1000));
    expect(stream.written()).toBe('Reading spring (1 kB)\nRead 10 rows (1 kB) in 0.9 s\n');
  });

  it('passes over percentages that went by between two calls', () => {
    const { stream, progress, tick } = started(false);
    progress.startReading('spring', 1000);
    tick(5);
    progress.reading(state(550));
    tick(5);
    progress.reading(state(590));
    progress.reading(state(600));
    expect(stream.written().match(/\d+ %/g)).toEqual(['50 %', '60 %']);
  });

  it('counts bytes where the end is not known', () => {
    const { stream, progress, tick } = started(false);
    progress.startReading('standard input', null);
    for (const bytes of [100e6, 300e6, 400e6, 600e6]) {
      tick(10);
      progress.reading(state(bytes));
    }
    expect(stream.written().split('\n')).toEqual([
      'Reading standard input',
      '  300 MB · 15 MB/s · 3,000,000 rows',
      '  600 MB · 15 MB/s · 6,000,000 rows',
      '',
    ]);
  });
});

describe('progress as a bar', () => {
  it('redraws one line and replaces it with the result of the stage', async () => {
    const { stream, progress, tick } = started(true);
    progress.startReading('spring', 1000);
    tick(2);
    progress.reading(state(400));
    await new Promise((resolve) => setTimeout(resolve, 250));
    const drawn = stripVTControlCharacters(stream.written());
    expect(drawn).toContain(
      'Reading     ████████░░░░░░░░░░░░  40 %  400 B of 1 kB · 200 B/s · 4 rows · about 3 s left',
    );
    expect(drawn).not.toContain('\n');
    progress.read(state(1000));
    expect(stripVTControlCharacters(stream.written())).toMatch(/Read 10 rows \(1 kB\) in 2\.0 s\n$/);
  });

  it('draws no bar where the end is not known', async () => {
    const { stream, progress } = started(true);
    progress.startReading('standard input', null);
    progress.reading(state(400));
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(stripVTControlCharacters(stream.written())).toMatch(/Reading {5}400 B · 4 rows$/);
    progress.abandon();
  });

  it('changes no setting of the terminal, so that a killed run leaves a usable terminal', async () => {
    const { stream, progress } = started(true);
    progress.startAnalysing(10);
    progress.analysing(5);
    await new Promise((resolve) => setTimeout(resolve, 250));
    progress.abandon();
    const written = stream.written();
    expect(written).toContain('5 of 10 creatives');
    expect(written).not.toContain('\u001B[?');
  });
});
