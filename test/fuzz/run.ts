/**
 * Fuzzes any deployment for as long as is wanted: `node test/fuzz/run.ts --target http://localhost:8080 [--runs 100000]
 * [--seed 1] [--token …]`. It makes and deletes datasets, portfolios, webhooks and tokens of the token's tenant.
 */
import { parseArgs } from 'node:util';
import { TEST_TOKEN } from '../../lambdas/domain/access/token.ts';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    token: { type: 'string', default: process.env['CREATIVE_DYNAMICS_TOKEN'] ?? TEST_TOKEN },
  },
});
if (values.target === undefined) throw new Error('--target is required.');
console.error(`Seed ${values.seed}.`);
const coverage = await fuzz({
  endpoint: values.target,
  token: values.token,
  runs: Number(values.runs),
  seed: Number(values.seed),
});
for (const [operationId, statuses] of [...coverage].sort())
  console.log(
    `${operationId}: ${Array.from(statuses, ([status, count]) => `${status} × ${count}`).join(', ')}`,
  );
