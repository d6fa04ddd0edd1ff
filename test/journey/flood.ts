import { beforeAll, expect, it, onTestFailed } from 'vitest';
import { loadStage } from '../../lib/config/stages.ts';
import { workerCap } from '../../lib/config/work-queues.ts';
import { engineReports, smallExport } from './exports.ts';
import {
  type Decision,
  type Flood,
  floodAsText,
  levelsOf,
  multipliersOf,
  writeFlood,
} from './flood-record.ts';
import { OTHER_SEED, type Storm, UPLOADS, watchStorm } from './flood-storm.ts';
import { reportsOf } from './jobs.ts';
import { journeys, TIMEOUT_MS } from './journeys.ts';
import type { System } from './system.ts';

/** A minute passes in a second: an upload that takes a fifth of one takes twelve seconds of the timeline. */
const SPEED = 60;
/** What the scaling guide gives a standard dataset. */
const WAIT_TARGET_SECONDS = 30;
const MINUTE = 60;
const CALM = 5 * MINUTE;
/** Seconds of the timeline in which a machine that is busy with the flood can make three requests. */
const LONGEST_CHANGE = 5 * MINUTE;
/** Names a file that what was seen is written to: CSV or JSON. */
const RECORD = 'FLOOD_RECORD';

const { usual, most } = loadStage('dev').workers;

journeys('a flood of uploads', floodJourney, undefined, { speed: SPEED, isAlone: true });

function floodJourney(system: System): void {
  let storm: Storm;
  let flood: Flood;
  beforeAll(async () => {
    storm = await watchStorm(system, usual);
    flood = storm.flood;
    const file = process.env[RECORD];
    const { waitedSeconds, lastedSeconds } = storm;
    if (file !== undefined) writeFlood({ ...flood, waitedSeconds, lastedSeconds }, file);
  }, TIMEOUT_MS);

  const check = (what: string, test: () => Promise<void> | void) =>
    it(what, async () => {
      onTestFailed(() => console.error(floodAsText(flood)));
      await test();
    });

  check('is analysed to the last of them, with the numbers that are right', async () => {
    expect(storm.jobs).toHaveLength(UPLOADS);
    expect(new Set([...storm.jobs, storm.other].map(({ state }) => state))).toEqual(new Set(['SUCCEEDED']));
    expect(await system.messages('AnalysisDeadLettersUrl')).toBe(0);
    for (const seed of [0, UPLOADS / 2, UPLOADS - 1]) {
      const job = storm.jobs.find(({ dataset }) => dataset.name === `${seed}.csv`);
      expect(await reportsOf(system, job!)).toEqual(await engineReports(smallExport(seed)));
    }
    expect(await reportsOf(system, storm.other)).toEqual(await engineReports(smallExport(OTHER_SEED)));
  });

  check('rings, calls the capacity controller, and is over in the end', () => {
    const rings = flood.moments.findIndex(({ alarm }) => alarm === 'ALARM');
    expect(rings).toBeGreaterThan(0);
    expect(flood.moments[rings]!.visible + flood.moments[rings]!.handled).toBeGreaterThan(0);
    expect(flood.moments.at(-1)).toMatchObject({ alarm: 'OK', visible: 0, handled: 0 });
    expect(flood.calls).toContain(storm.alarmName);
    expect(flood.calls).toContain('schedule');
  });

  check('raises the workers of all queues together, and none above what there may be', () => {
    const levels = levelsOf(flood);
    expect(levels[0]).toBe(usual);
    expect(levels).toContain(most);
    expect(Math.max(...levels)).toBe(most);
    expect(Math.min(...levels)).toBe(usual);
    // Three requests make a change. Until the last some caps are what they were; none is ever what nobody decided.
    const decided = new Set([usual, ...flood.decisions.map(({ to }) => to)]);
    let changing: number | undefined;
    for (const { seconds, caps } of flood.moments) {
      const multipliers = new Set(multipliersOf(caps));
      const seen = `caps ${JSON.stringify(caps)} after ${seconds} s`;
      expect(
        [...multipliers].filter((multiplier) => !decided.has(multiplier)),
        seen,
      ).toEqual([]);
      if (changing !== undefined) expect(seconds - changing, seen).toBeLessThan(LONGEST_CHANGE);
      changing = multipliers.size === 1 ? undefined : (changing ?? seconds);
    }
    const raised = flood.moments.find(({ caps }) => caps.analysis > workerCap('analysis', usual));
    expect(raised!.visible).toBeGreaterThan(0);
  });

  check('at most doubles or adds two a minute, and at most halves', () => {
    expect(flood.decisions.filter(({ from, to }) => from !== to).length).toBeGreaterThanOrEqual(2);
    for (const { to, lately } of withRecent(flood.decisions, MINUTE)) {
      const levels = lately.map((decision) => decision.to);
      const [low, high] = [Math.min(to, ...levels), Math.max(to, ...levels)];
      expect(to).toBeLessThanOrEqual(Math.max(2 * low, low + 2));
      expect(to).toBeGreaterThanOrEqual(Math.ceil(high / 2));
    }
  });

  check('is forgotten after five calm minutes and not before', () => {
    const lowered = withRecent(flood.decisions, CALM).filter(({ from, to }) => to < from);
    expect(lowered.length).toBeGreaterThan(0);
    for (const { from, wanted, lately } of lowered) {
      expect(wanted).toBeLessThan(from);
      expect(Math.max(...lately.map((decision) => decision.wanted ?? 0))).toBeLessThan(from);
    }
    const waited = flood.moments.findLast(({ visible }) => visible > 0)!.seconds;
    const fell = flood.moments.find(
      ({ seconds, caps }) => seconds > waited && caps.analysis < workerCap('analysis', most),
    );
    // The last decision that knew of messages may be of two minutes before: it is made once a minute, by metrics of minutes.
    expect(fell!.seconds).toBeGreaterThan(waited + CALM - 2 * MINUTE);
    expect(levelsOf(flood).at(-1)).toBe(usual);
  });

  check('does not have others wait until it is over', () => {
    const { waitedSeconds, other, jobs } = storm;
    const after = jobs.filter(({ finishedAt }) => finishedAt! > other.finishedAt!);
    expect(after.length).toBeGreaterThan(UPLOADS / 4);
    expect(waitedSeconds).toBeLessThan(WAIT_TARGET_SECONDS);
  });
}

/** Decisions, each with those before it that were in force within so many seconds before. */
function withRecent(decisions: readonly Decision[], seconds: number) {
  return decisions.map((decision, i) => {
    // Differences of times are whole seconds, but for what numbers lose in between.
    const begin = decision.seconds - seconds + 0.001;
    const since = decisions.findLastIndex((one, at) => at < i && one.seconds <= begin);
    return { ...decision, lately: decisions.slice(Math.max(0, since), i) };
  });
}
