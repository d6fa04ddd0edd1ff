import { gzipSync } from 'node:zlib';
import type { Hints } from '../../lambdas/contracts/job.ts';
import type { ParametersInput } from '../../lambdas/contracts/parameters.ts';
import type { AnalysisErrorCode } from '../../lambdas/domain/errors.ts';
import type { PipelineSettings } from '../../lambdas/pipeline/settings.ts';

/** A file with how it is analysed and cut, small enough that a thousand runs over it take seconds. */
export interface Scenario {
  readonly name: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly hints: Hints;
  readonly parameters: ParametersInput;
  readonly settings: Partial<PipelineSettings>;
  /** The refusal that a file earns that cannot be analysed. */
  readonly refusal?: AnalysisErrorCode;
}

const DAYS = 32;
const ITEMS = ['Alpha', 'Beta, "quoted"', 'Gamma\nin two lines', 'Überlang 🎈'];
const CUT = { chunkBytes: 1200, shardBytes: 2600, maxShards: 4 };

const day = (i: number) => new Date(Date.UTC(2025, 0, 1 + i)).toISOString().slice(0, 10);
const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Impressions, clicks and spend of a creative that wears out in the middle, the same in every run. */
function figures(item: number, i: number): [number, number, string] {
  const impressions = 9000 + ((item * 131 + i * 37) % 400);
  const rate = item % 2 === 0 && i > DAYS / 2 ? 0.011 : 0.031;
  return [impressions, Math.round(impressions * rate), (80 + ((i * 7 + item) % 13) / 4).toFixed(2)];
}

function rows(line: (item: number, day: number) => string): string {
  let text = '';
  for (let i = 0; i < DAYS; i++) for (let item = 0; item < ITEMS.length; item++) text += line(item, i);
  return text;
}

const HEADER = 'ad_name,day,impressions,link_clicks,amount_spent_gbp\n';
const plainRow = (item: number, i: number) =>
  `${quoted(ITEMS[item] ?? '')},${day(i)},${figures(item, i).join(',')}\n`;
const PLAIN = HEADER + rows(plainRow);

/**
 * A note that reads like rows of the file: a worker that starts inside of it cannot know better. It begins and ends with
 * a line break, so that to such a worker its closing quote opens a field that ends where the next note begins.
 */
const TRAP = `\n${Array.from({ length: 45 }, (_, i) => `Trap,${day(i % 28)},1000,20,3.50,x\n`).join('')}`;

const TRAPS = `ad_name,day,impressions,link_clicks,amount_spent_gbp,note\n${rows((item, i) => {
  const note = (item + i) % 14 === 7 && item === 1 ? `"${TRAP}"` : 'x';
  return `Creative ${item},${day(i)},${figures(item, i).join(',')},${note}\n`;
})}`;

const ctrRow = (percent: boolean) => (item: number, i: number) => {
  const [impressions, clicks] = figures(item, i);
  // The one value above 1 stands at the end: no chunk before it knows that the column holds percentages.
  const isLast = i === DAYS - 1 && item === ITEMS.length - 1;
  const ctr = percent ? (isLast ? 1.5 : (clicks / impressions) * 30) : clicks / impressions;
  return `${quoted(ITEMS[item] ?? '')},${day(i)},${impressions},${ctr.toFixed(4)}\n`;
};

const bad = (every: number) =>
  HEADER +
  rows((item, i) =>
    (i * ITEMS.length + item) % every === 3 ? `Alpha,${day(i)},many,7,1\n` : plainRow(item, i),
  );

const utf8 = (text: string) => new TextEncoder().encode(text);
const base = { fileName: 'export.csv', hints: {}, parameters: {}, settings: CUT } as const;

export const SCENARIOS: readonly Scenario[] = [
  { ...base, name: 'plain', bytes: utf8(PLAIN) },
  { ...base, name: 'traps', bytes: utf8(TRAPS), settings: { ...CUT, chunkBytes: 900 } },
  { ...base, name: 'small', bytes: utf8(PLAIN), settings: {} },
  { ...base, name: 'ctr as fractions', bytes: utf8(`ad,day,impressions,ctr\n${rows(ctrRow(false))}`) },
  { ...base, name: 'ctr as percentages', bytes: utf8(`ad,day,impressions,ctr\n${rows(ctrRow(true))}`) },
  {
    ...base,
    name: 'rejected rows',
    bytes: utf8(bad(9)),
    parameters: { maxRejectedFraction: 0.2, detector: 'shape', falseDiscoveryRate: 0.1 },
  },
  {
    ...base,
    name: 'gzip',
    fileName: 'export.csv.gz',
    bytes: gzipSync(PLAIN),
    settings: { ...CUT, shardBytes: 3000 },
  },
  {
    ...base,
    name: 'gzip that unpacks to much',
    fileName: 'export.csv.gz',
    bytes: gzipSync(PLAIN),
    settings: { chunkBytes: 2000 },
  },
  { ...base, name: 'too many rejected', bytes: utf8(bad(9)), refusal: 'too_many_rejected_rows' },
  {
    ...base,
    name: 'no columns',
    bytes: utf8(PLAIN.replace('impressions', 'views')),
    refusal: 'missing_columns',
  },
  { ...base, name: 'cut archive', bytes: gzipSync(PLAIN).subarray(0, 400), refusal: 'corrupt_archive' },
  { ...base, name: 'no rows', bytes: utf8(HEADER), refusal: 'empty_dataset' },
  {
    ...base,
    name: 'header larger than chunks',
    bytes: utf8(PLAIN.split('\n').slice(0, 10).join('\n')),
    settings: { ...CUT, chunkBytes: 40, maxShards: 2 },
  },
];

export function named(name: string): Scenario {
  const scenario = SCENARIOS.find((known) => known.name === name);
  if (scenario === undefined) throw new RangeError(`no scenario ${name}`);
  return scenario;
}
