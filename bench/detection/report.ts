import { matchThreshold, runMethod } from './calibrate.ts';
import { type LabelledSeries, VOLUME_CLASSES } from './generate.ts';
import { benjaminiHochbergAt, discoveryRates, shareBelow, splitPValues, uncorrectedAt } from './many.ts';
import { LEVEL, type Method, SHAPE } from './methods.ts';
import type { Scenario } from './scenarios.ts';
import { type SeriesOutcome, type Summary, summarise } from './score.ts';
import { fixed, formatTable, percent } from './table.ts';

/** A method at one threshold. */
export interface Setting {
  readonly method: Method;
  readonly threshold: number;
}

/** The thresholds of the analysis spec, whatever share of false alarms they give. */
export const DEFAULTS: readonly Setting[] = [
  { method: SHAPE, threshold: 1.5 },
  { method: LEVEL, threshold: 3 },
];

export function matchAll(methods: readonly Method[], quiet: readonly LabelledSeries[]): Setting[] {
  return methods.map((method) => ({ method, threshold: matchThreshold(method, quiet) }));
}

const SUMMARY_HEADER = [
  'detector',
  'threshold',
  'FA %',
  'any FA %',
  'FA/100 d',
  'recall %',
  'all %',
  'delay d',
  'onset d',
  'abrupt',
  'gradual',
  'dir. %',
  'F1',
];

function summaryRow(s: Summary): string[] {
  return [
    percent(s.falseAlarms),
    percent(s.anyFalseAlarms),
    fixed(s.worsePer100Days, 3),
    percent(s.recall),
    percent(s.recallAll),
    fixed(s.delay, 0),
    fixed(s.onsetError, 0),
    fixed(s.onsetErrorAbrupt, 0),
    fixed(s.onsetErrorGradual, 0),
    percent(s.direction),
    fixed(s.f1, 3),
  ];
}

/** Every figure of §2 by method, then false alarms and recall by volume class. */
export function methodTables(settings: readonly Setting[], all: readonly LabelledSeries[]): string {
  const outcomes = settings.map(({ method, threshold }) => runMethod(method, threshold, all));
  const named = (cells: (outcomes: readonly SeriesOutcome[]) => string[]) =>
    settings.map(({ method, threshold }, i) => [
      method.name,
      fixed(threshold, 2),
      ...cells(outcomes[i] ?? []),
    ]);
  const byClass = (of: readonly SeriesOutcome[]) =>
    VOLUME_CLASSES.map((volume) => {
      const s = summarise(of.filter(({ labelled }) => labelled.volume === volume));
      return `${percent(s.falseAlarms)} / ${percent(s.recall)}`;
    });
  return [
    formatTable(
      SUMMARY_HEADER,
      named((of) => summaryRow(summarise(of))),
    ),
    formatTable(['FA % / recall %', 'threshold', ...VOLUME_CLASSES], named(byClass)),
  ].join('\n\n');
}

/** False alarms, recall and delay of one method by scenario. */
export function scenarioTable(
  { method, threshold }: Setting,
  scenarios: readonly Scenario[],
  all: readonly LabelledSeries[],
): string {
  const outcomes = runMethod(method, threshold, all);
  const rows = scenarios.map((scenario) => {
    const s = summarise(outcomes.filter(({ labelled }) => labelled.scenario === scenario));
    return [
      scenario,
      percent(s.falseAlarms),
      percent(s.recallAll),
      fixed(s.delay, 0),
      fixed(s.onsetError, 0),
    ];
  });
  return formatTable(
    [`${method.name} at ${fixed(threshold, 2)}`, 'FA %', 'all %', 'delay d', 'onset d'],
    rows,
  );
}

/** Recall when every volume class has the threshold that gives it 5 % false alarms. */
export function matchedByClassTable(
  methods: readonly Method[],
  quiet: readonly LabelledSeries[],
  all: readonly LabelledSeries[],
): string {
  const rows = methods.map((method) => {
    const parts = VOLUME_CLASSES.map((volume) => {
      const threshold = matchThreshold(
        method,
        quiet.filter((labelled) => labelled.volume === volume),
      );
      const inClass = all.filter((labelled) => labelled.volume === volume);
      return { threshold, outcomes: runMethod(method, threshold, inClass) };
    });
    return [
      method.name,
      ...parts.map(
        ({ threshold, outcomes }) => `${percent(summarise(outcomes).recall)} (${fixed(threshold, 2)})`,
      ),
      percent(summarise(parts.flatMap(({ outcomes }) => outcomes)).recall),
    ];
  });
  return formatTable(['recall % (threshold)', ...VOLUME_CLASSES, 'together'], rows);
}

/** How the p-values of the dataset list behave: without events, and in datasets where some creatives are worn out. */
export function discoveryTable(
  worlds: Readonly<Record<string, readonly LabelledSeries[]>>,
  seed: number,
): string {
  const blocks = Object.entries(worlds).map(([name, all]) => {
    const { quiet, worn } = splitPValues(all);
    const rows = [0.05, 0.2].flatMap((share) =>
      Object.entries({ 'BH q = 0.10': benjaminiHochbergAt(0.1), 'p ≤ 0.05': uncorrectedAt(0.05) }).map(
        ([rule, select]) => {
          const rates = discoveryRates(quiet, worn, share, select, seed);
          return [
            `${percent(share)} % worn out, ${rule}`,
            fixed(rates.falseDiscoveries, 3),
            fixed(rates.power, 3),
          ];
        },
      ),
    );
    const calibration = `${name}: without events P(p ≤ 0.05) = ${percent(shareBelow(quiet, 0.05))} %, P(p ≤ 0.01) = ${percent(shareBelow(quiet, 0.01))} %`;
    return `${calibration}\n${formatTable(['1,000 creatives', 'FDR', 'power'], rows)}`;
  });
  return blocks.join('\n\n');
}
