import { writeFileSync } from 'node:fs';
import * as z from 'zod';
import { WORK_QUEUE_NAMES, type WorkQueueName, workerCap } from '../../lib/config/work-queues.ts';

/** What was seen at a moment, beside its time the same until the next. Seconds are of the timeline, since the flood began. */
export interface Moment {
  readonly seconds: number;
  readonly caps: Readonly<Record<WorkQueueName, number>>;
  /** Of the backlog of the analysis queue. */
  readonly alarm: string;
  readonly visible: number;
  readonly handled: number;
}

/** What the capacity controller wrote down of a decision about workers. */
export interface Decision {
  readonly seconds: number;
  readonly trigger: string;
  readonly reason: string;
  readonly from: number;
  readonly to: number;
  readonly wanted: number | null;
}

export interface Flood {
  readonly moments: readonly Moment[];
  /** In order of their times. */
  readonly decisions: readonly Decision[];
  /** What called the capacity controller: its schedule, or the name of an alarm. */
  readonly calls: readonly string[];
}

/** Real seconds: from the other tenant's upload to its result, and from the first upload of the flood to the last result. */
export interface Waits {
  readonly waitedSeconds: number;
  readonly lastedSeconds: number;
}

const callSchema = z.looseObject({ trigger: z.string() });
const decisionSchema = z.looseObject({
  at: z.iso.datetime(),
  trigger: z.string(),
  reason: z.string(),
  from: z.number(),
  to: z.number(),
  wanted: z.number().nullable(),
});

/**
 * What the capacity controller did, by the lines of its log. One who is called at the moment of another leaves it to that.
 *
 * @param since milliseconds of the timeline
 */
export function controlOf(lines: readonly string[], since: number): Pick<Flood, 'decisions' | 'calls'> {
  const entries = lines.filter((line) => line.startsWith('{')).map((line): unknown => JSON.parse(line));
  const decisions = entries.flatMap((entry) => {
    const { success, data } = decisionSchema.safeParse(entry);
    if (!success) return [];
    const { at, trigger, reason, from, to, wanted } = data;
    return [{ seconds: (Date.parse(at) - since) / 1000, trigger, reason, from, to, wanted }];
  });
  return {
    decisions: decisions.filter(({ reason }) => reason !== 'repeated').sort((a, b) => a.seconds - b.seconds),
    calls: entries.flatMap((entry) => callSchema.safeParse(entry).data?.trigger ?? []),
  };
}

/** The multipliers k that each of the caps is of. */
export function multipliersOf(caps: Moment['caps']): number[] {
  return WORK_QUEUE_NAMES.map((name) => caps[name] / workerCap(name, 1));
}

/** The multipliers that all caps were of, one after another. */
export function levelsOf({ moments }: Flood): number[] {
  const all = moments.flatMap(({ caps }) => {
    const [first = 0, ...others] = multipliersOf(caps);
    return others.every((other) => other === first) ? [first] : [];
  });
  return all.filter((level, i) => level !== all[i - 1]);
}

/** What was seen, in the order of the time that a line is about. Decisions are told when they were made, not carried out. */
export function floodAsText({ moments, decisions }: Flood): string {
  const seen = moments
    .filter((moment, i) => i === moments.length - 1 || isMilestone(moment, moments[i - 1]))
    .map(({ seconds, caps, alarm, visible, handled }): [number, string] => [
      seconds,
      `caps ${WORK_QUEUE_NAMES.map((name) => caps[name]).join(' ')}  ${alarm}  ${visible} visible, ${handled} handled`,
    ]);
  const decided = decisions.map(({ seconds, trigger, reason, from, to, wanted }): [number, string] => [
    seconds,
    `  ${from} → ${to} of ${wanted}: ${reason} (${trigger})`,
  ]);
  const lines = [...seen, ...decided].sort(([a], [b]) => a - b);
  return lines.map(([seconds, text]) => `${seconds.toFixed(0).padStart(6)} s  ${text}`).join('\n');
}

function isMilestone({ caps, alarm }: Moment, before: Moment | undefined): boolean {
  return alarm !== before?.alarm || WORK_QUEUE_NAMES.some((name) => caps[name] !== before.caps[name]);
}

/** Writes what was seen into a file, for plots: CSV with a line a moment when its name says so, else JSON with everything. */
export function writeFlood(flood: Flood & Waits, file: string): void {
  writeFileSync(file, file.endsWith('.csv') ? floodAsCsv(flood) : JSON.stringify(flood, null, 1));
}

function floodAsCsv({ moments }: Flood): string {
  const rows = moments.map(({ seconds, caps, alarm, visible, handled }) =>
    [seconds.toFixed(1), ...WORK_QUEUE_NAMES.map((name) => caps[name]), alarm, visible, handled].join(','),
  );
  return [`seconds,${WORK_QUEUE_NAMES.join(',')},alarm,visible,handled`, ...rows, ''].join('\n');
}
