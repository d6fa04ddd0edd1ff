import { describe, expect, it } from 'vitest';
import { documentKey, reportCsvKey } from '../../lambdas/contracts/object-keys.ts';
import { SCENARIOS } from '../simulation/datasets.ts';
import { reference } from '../simulation/reference.ts';
import { Bench } from './run-pipeline.ts';

describe('the pipeline without faults', () => {
  it.each(SCENARIOS.filter(({ refusal }) => refusal === undefined))(
    'reports the bytes that one process reports: $name',
    async (scenario) => {
      const bench = new Bench(scenario.settings);
      const ref = await bench.submit(scenario);
      await bench.drain();
      const job = bench.job(ref);
      expect(job.error).toBeNull();
      expect(job.state).toBe('SUCCEEDED');
      const run = { ...ref, run: 1 };
      const { json, csv } = await reference(scenario);
      expect(bench.store.text(documentKey(run))).toBe(json);
      expect(bench.store.text(reportCsvKey(run))).toBe(csv);
    },
  );
});
