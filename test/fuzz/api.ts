import { expect, it } from 'vitest';
import { makeToken } from '../journey/api-client.ts';
import { journeys } from '../journey/journeys.ts';
import { fuzz } from './fuzz.ts';

/** In an ordinary test run; `FUZZ_RUNS` asks for more, and `node test/fuzz/run.ts` goes on against any deployment. */
const RUNS = 300;

journeys('the API, called in every way that its description has and in some it has not', (system) => {
  it('answers as it says, and with errors that say what is wrong', { timeout: 600_000 }, async () => {
    const token = await makeToken(system, 'api-fuzz', ['read', 'write', 'admin']);
    const { apiEndpoint: endpoint } = system.cloud;
    if (endpoint === undefined) throw new Error('The deployment has no API.');
    const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    const runs = Number(process.env['FUZZ_RUNS'] ?? RUNS);
    console.info(`Fuzzing with FUZZ_SEED=${seed} FUZZ_RUNS=${runs}.`);
    const coverage = await fuzz({ endpoint, token, runs, seed });
    const succeeded = [...coverage].filter(([, statuses]) =>
      [...statuses.keys()].some((status) => status < 300),
    );
    // Of requests that are refused at the door nothing is learned; how many get further depends on the seed.
    expect(coverage.size).toBeGreaterThan(35);
    expect(succeeded.length).toBeGreaterThan(18);
  });
});
