/**
 * The public detection benchmark: node bench/detection/run.ts [--series N] [--seed S] [--only NAME]
 *
 * Prints the tables that `docs/detection.md` quotes. N is the number of series of each set: thresholds are tuned on N
 * series without events and scored on N fresh ones. --only keeps the methods whose name begins with NAME. The same
 * arguments print the same tables.
 */
import { parseArgs } from 'node:util';
import { drawAll, PUBLIC, STRESS } from './generate.ts';
import { LEVEL, METHODS } from './methods.ts';
import {
  DEFAULTS,
  discoveryTable,
  matchAll,
  matchedByClassTable,
  methodTables,
  scenarioTable,
} from './report.ts';
import { CPC_SCENARIOS, CTR_SCENARIOS, NO_EVENT_SCENARIOS } from './scenarios.ts';

const { values } = parseArgs({
  options: {
    series: { type: 'string', default: '4500' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
const count = positiveInteger('--series', values.series);
const seed = positiveInteger('--seed', values.seed);
const methods = METHODS.filter(({ name }) => name.startsWith(values.only));
if (methods.length === 0)
  throw new RangeError(`--only wants one of ${METHODS.map(({ name }) => name).join(', ')}`);

function positiveInteger(option: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new RangeError(`${option} wants a positive integer, not "${text}"`);
  return Number(text);
}

function section(title: string, ...tables: readonly string[]): void {
  process.stdout.write(`## ${title}\n\n${tables.join('\n\n')}\n\n`);
}

const ctr = [...NO_EVENT_SCENARIOS, ...CTR_SCENARIOS];
const cpc = [...NO_EVENT_SCENARIOS, ...CPC_SCENARIOS];

const quiet = drawAll(PUBLIC, 'ctr', NO_EVENT_SCENARIOS, count, seed);
const fresh = drawAll(PUBLIC, 'ctr', ctr, count, seed + 1);
const stress = drawAll(STRESS, 'ctr', ctr, count, seed + 2);
const matched = matchAll(methods, quiet);
const matchedLevel = matched.filter(({ method }) => method === LEVEL);
const tuned = `thresholds for 5 % false alarms on ${quiet.length} series, scored on ${fresh.length} fresh ones`;

section(`CTR, PUBLIC: ${tuned}`, methodTables(matched, fresh));
section('CTR, PUBLIC: by scenario', ...matchedLevel.map((setting) => scenarioTable(setting, ctr, fresh)));
section('CTR, PUBLIC: an own threshold for each volume class', matchedByClassTable(methods, quiet, fresh));
section(`CTR, STRESS: the thresholds of PUBLIC, ${stress.length} series`, methodTables(matched, stress));
section('CTR, PUBLIC: default thresholds', methodTables(DEFAULTS, fresh));
section('CTR, STRESS: default thresholds', methodTables(DEFAULTS, stress));

const quietCpc = drawAll(PUBLIC, 'cpc', NO_EVENT_SCENARIOS, count, seed + 3);
const freshCpc = drawAll(PUBLIC, 'cpc', cpc, count, seed + 4);
section('CPC, PUBLIC: tuned in the same way', methodTables(matchAll(methods, quietCpc), freshCpc));
section('CPC, PUBLIC: default thresholds', methodTables(DEFAULTS, freshCpc));
section('Many creatives', discoveryTable({ PUBLIC: fresh, STRESS: stress }, seed));
