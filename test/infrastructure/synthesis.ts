import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { Stage } from '../../lib/config/stage.ts';
import { loadStage } from '../../lib/config/stages.ts';
import { readAssembly } from './assembly-file.ts';
import { createOutdir } from './outdir.ts';
import type { Assembly } from './template.ts';

const require = createRequire(import.meta.url);

/**
 * A stage as it is synthesised, once in a run of the tests: what several test files read is written by the first.
 * Every call gives an assembly of its own, which a test may change.
 */
export function synthesise(name: Stage['name'], alertEmail?: string, pageEmail?: string): Assembly {
  const assemblies = inject('assemblies');
  const directory = join(assemblies, [name, alertEmail, pageEmail].join(','));
  if (!existsSync(directory)) {
    const outdir = mkdtempSync(join(assemblies, 'outdir-'));
    write(outdir, { stage: loadStage(name), alertEmail, pageEmail });
    publish(outdir, directory);
  }
  return readAssembly(directory);
}

/** Synthesises a stage now, which may be none of those there are. */
export function synthesiseStage(stage: Stage, alertEmail?: string): Assembly {
  const outdir = createOutdir();
  write(outdir, { stage, alertEmail });
  return readAssembly(outdir);
}

/** The CDK takes a second to load, so it is only where something is synthesised. */
const write: typeof import('./app.ts').writeAssembly = (outdir, props) => {
  const { writeAssembly }: typeof import('./app.ts') = require('./app.ts');
  writeAssembly(outdir, props);
};

/** Moves what is complete to where others look for it, unless one of them was faster. */
function publish(outdir: string, directory: string): void {
  try {
    renameSync(outdir, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
    rmSync(outdir, { recursive: true });
  }
}
