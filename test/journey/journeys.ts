import { afterAll, beforeAll, describe } from 'vitest';
import { loadAssembly } from '../../local/assembly/load.ts';
import { temporaryDirectory } from '../local/temporary-directory.ts';
import { PATIENCE_MS } from './jobs.ts';
import { System } from './system.ts';

/** Longer than any single wait, so that what was waited for is told. */
const TIMEOUT_MS = 2 * PATIENCE_MS;

const assembly = temporaryDirectory();

// All systems run the same app, and to synthesise it takes longer than any journey.
beforeAll(() => loadAssembly({}, assembly.path), TIMEOUT_MS);
afterAll(assembly.remove);

/** Journeys through a system of their own, one after the other; those through other systems go on meanwhile. */
export function journeys(subject: string, travel: (system: System) => void): void {
  describe(subject, { concurrent: true }, () => {
    const system = new System(assembly.path);
    beforeAll(() => system.start(), TIMEOUT_MS);
    afterAll(() => system.stop());
    describe('in turn', { concurrent: false, timeout: TIMEOUT_MS }, () => travel(system));
  });
}
