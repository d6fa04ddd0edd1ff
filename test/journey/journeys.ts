import { cpSync } from 'node:fs';
import { afterAll, beforeAll, describe } from 'vitest';
import { loadAssembly } from '../../local/assembly/load.ts';
import { temporaryDirectory } from '../local/temporary-directory.ts';
import { PATIENCE_MS } from './jobs.ts';
import { System } from './system.ts';

/** Longer than any single wait, so that what was waited for is told. */
export const TIMEOUT_MS = 2 * PATIENCE_MS;

const assembly = temporaryDirectory();

// All systems run the same app, and to synthesise it takes longer than any journey.
beforeAll(() => loadAssembly({}, assembly.path), TIMEOUT_MS);
afterAll(assembly.remove);

interface Circumstances {
  /** Of the time that metrics, alarms, schedules and scaling live in. */
  readonly speed?: number;
  /** Whether no other journey goes on meanwhile, because of the time it takes. */
  readonly isAlone?: boolean;
}

/**
 * Journeys through a system of their own, one after the other; those through other systems go on meanwhile.
 *
 * @param change what their system has different: made to a copy of the synthesised app
 */
export function journeys(
  subject: string,
  travel: (system: System) => void,
  change?: (assembly: string) => void,
  { speed = 1, isAlone = false }: Circumstances = {},
): void {
  describe(subject, { concurrent: !isAlone }, () => {
    const own = temporaryDirectory();
    const system = new System(change === undefined ? assembly.path : own.path, speed);
    beforeAll(async () => {
      if (change !== undefined) {
        cpSync(assembly.path, own.path, { recursive: true, verbatimSymlinks: true });
        change(own.path);
      }
      await system.start();
    }, TIMEOUT_MS);
    afterAll(async () => {
      await system.stop();
      own.remove();
    });
    describe('in turn', { concurrent: false, timeout: TIMEOUT_MS }, () => travel(system));
  });
}
