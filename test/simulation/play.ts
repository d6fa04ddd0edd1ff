import { parseArgs } from 'node:util';
import { play } from './story.ts';

/**
 * Plays simulations outside of the tests: `node test/simulation/play.ts --seed 42` tells what happened in one,
 * `--from 0 --count 5000` plays many.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    from: { type: 'string', default: '0' },
    count: { type: 'string', default: '1000' },
  },
});

if (values.seed !== undefined) {
  const { trace, ...ending } = await play(Number(values.seed));
  console.log(trace.join('\n'));
  console.log(ending);
} else {
  const from = Number(values.from);
  const tally = new Map<string, number>();
  const started = performance.now();
  for (let seed = from; seed < from + Number(values.count); seed++) {
    const { scenario, state, code, redriven } = await play(seed);
    const how = `${scenario}: ${state}${code === null ? '' : ` ${code}`}${redriven ? ', redriven' : ''}`;
    tally.set(how, (tally.get(how) ?? 0) + 1);
  }
  for (const [how, count] of [...tally].sort()) console.log(`${String(count).padStart(6)}  ${how}`);
  console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`);
}
