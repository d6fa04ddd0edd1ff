import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const outdirs = mkdtempSync(join(tmpdir(), 'templates-'));
afterAll(() => rmSync(outdirs, { recursive: true }));

/** A new directory to synthesise into, gone when the test file is done. */
export function createOutdir(): string {
  return mkdtempSync(join(outdirs, 'app-'));
}
