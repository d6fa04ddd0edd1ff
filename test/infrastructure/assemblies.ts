import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Directory of what was synthesised in this run of the tests. */
    assemblies: string;
  }
}

/** Gives a run of the tests a directory for its assemblies, empty again when code changed while tests are watched. */
export default function setup(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'assemblies-'));
  project.provide('assemblies', directory);
  project.onTestsRerun(() => {
    for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
  });
  return () => rmSync(directory, { recursive: true });
}
