import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { gathered, prepareOutput, writeOutput } from '../../cli/output-file.ts';
import { newDirectory } from './directories.ts';

let directory = '';
beforeEach(() => {
  directory = newDirectory();
});

const never = new AbortController().signal;
const write = async (path: string, text: string, signal = never) =>
  writeOutput(await prepareOutput('--json', path), [text.slice(0, 2), text.slice(2)], signal);

describe('writeOutput', () => {
  it('replaces a file whole, keeps its mode and leaves nothing else behind', async () => {
    const path = join(directory, 'report.json');
    writeFileSync(path, 'an older and longer report');
    chmodSync(path, 0o640);
    await write(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(directory)).toEqual(['report.json']);
  });

  it('leaves the old file and no other when it is interrupted', async () => {
    const path = join(directory, 'report.json');
    writeFileSync(path, 'old');
    const controller = new AbortController();
    const writing = write(path, 'x'.repeat(50_000_000), controller.signal);
    await new Promise((resolve) => setTimeout(resolve, 2));
    controller.abort(new Error('stop'));
    await expect(writing).rejects.toThrow();
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(directory)).toEqual(['report.json']);
  });

  it('writes where a link points and keeps the link', async () => {
    mkdirSync(join(directory, 'real'));
    const target = join(directory, 'real', 'report.json');
    writeFileSync(target, 'old');
    symlinkSync(target, join(directory, 'link.json'));
    await write(join(directory, 'link.json'), 'new');
    expect(readFileSync(target, 'utf8')).toBe('new');
    expect(readdirSync(join(directory, 'real'))).toEqual(['report.json']);
  });

  it('writes through a device instead of replacing it', async () => {
    const before = statSync('/dev/null');
    await write('/dev/null', 'gone');
    expect(statSync('/dev/null').rdev).toBe(before.rdev);
  });
});

it('gathers pieces into fewer ones without losing any', () => {
  const pieces = Array.from({ length: 3000 }, (_, i) => `${i},`.padEnd(1000, 'x'));
  const parts = [...gathered(pieces)];
  expect(parts).toHaveLength(3);
  expect(parts.join('')).toBe(pieces.join(''));
  expect([...gathered([])]).toEqual([]);
});

describe('prepareOutput', () => {
  it('refuses a directory and a path into nowhere before any work is done', async () => {
    await expect(prepareOutput('--csv', directory)).rejects.toThrow(/--csv .* is a directory/);
    await expect(prepareOutput('--csv', join(directory, 'no', 'report.csv'))).rejects.toThrow(
      /does not exist/,
    );
    expect(readdirSync(directory)).toEqual([]);
  });
});
