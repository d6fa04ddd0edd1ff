import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made = mkdtempSync(join(tmpdir(), 'command-line-'));
afterAll(() => rmSync(made, { recursive: true, force: true }));

/** A new directory outside the checkout, which is removed when the tests of the file are over. */
export function newDirectory(): string {
  return mkdtempSync(join(made, 'directory-'));
}
