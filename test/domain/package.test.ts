import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

const root = new URL('../../', import.meta.url);

/** Runs a program in the repository the way anybody's own file there would run. */
function run(program: string): unknown {
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    encoding: 'utf8',
  });
  return JSON.parse(output);
}

describe('the package creative-dynamics', () => {
  it('is imported by its name, and computes signatures', () => {
    const program = `
      import { chen, logSignature, signature, slidingLogSignatures } from 'creative-dynamics';
      const options = { dimension: 2, depth: 2 };
      const corner = Float64Array.of(0, 0, 1, 0, 1, 1);
      console.log(JSON.stringify({
        signature: [...signature(corner, options)],
        logSignature: [...logSignature(corner, options)],
        chen: [...chen(signature(Float64Array.of(0, 0, 1, 0), options), signature(Float64Array.of(1, 0, 1, 1), options), options)],
        sliding: [...slidingLogSignatures(corner, { ...options, window: 2 })],
        point: [...signature(Float64Array.of(3, 4), options)],
      }));`;
    expect(run(program)).toEqual({
      signature: [1, 1, 0.5, 1, 0, 0.5],
      logSignature: [1, 1, 0.5],
      chen: [1, 1, 0.5, 1, 0, 0.5],
      sliding: [1, 0, 0, 0, 1, 0],
      point: [0, 0, 0, 0, 0, 0],
    });
  });

  it('analyses a dataset from its bytes to the document', () => {
    const program = `
      import { analyze, parseParameters, readDataset } from 'creative-dynamics';
      async function* csv() {
        yield Buffer.from('ad_name,day,impressions,clicks,spend\\n');
        for (let i = 0; i < 60; i++) {
          const day = new Date(Date.UTC(2025, 0, 1 + i)).toISOString().slice(0, 10);
          yield Buffer.from(\`Ad,\${day},100000,\${i < 30 ? 2000 : 1000},500\\n\`);
        }
      }
      const dataset = await readDataset(csv());
      const { items, totals } = analyze({ ...dataset, parameters: parseParameters() });
      console.log(JSON.stringify({ spend: totals.spend, onsets: items[0].metrics.ctr.changePoints.map((change) => change.onsetDay) }));`;
    expect(run(program)).toEqual({ spend: 30_000, onsets: ['2025-01-31'] });
  });

  it('checks the parameters it is given', () => {
    const program = `
      import { parseParameters } from 'creative-dynamics';
      try { parseParameters({ windowSize: 1, detectr: 'level' }); } catch (error) { console.log(JSON.stringify([error.code, error.message])); }`;
    const [code, message] = z.tuple([z.string(), z.string()]).parse(run(program));
    expect(code).toBe('invalid_request');
    expect(message).toMatch(/windowSize: .*; .*detectr/);
  });
});
