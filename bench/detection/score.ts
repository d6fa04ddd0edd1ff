import type { Direction } from '../../lambdas/domain/detect/detector.ts';
import type { LabelledSeries } from './generate.ts';
import type { Alarm } from './methods.ts';
import type { TrueEvent } from './scenarios.ts';

/** Days after the completion of an event in which an alarm still finds it. */
const GRACE = 14;

/** What became of one true event. */
export interface EventOutcome {
  readonly direction: Direction;
  readonly gradual: boolean;
  /** Null when it was not found; days from the true onset otherwise. */
  readonly found: { readonly delay: number; readonly onsetError: number } | null;
  /** Direction of the first alarm of any direction in its window; null without any. */
  readonly firstAlarm: Direction | null;
}

type FoundEvent = EventOutcome & { readonly found: NonNullable<EventOutcome['found']> };

/** What a detector made of one series. */
export interface SeriesOutcome {
  readonly labelled: LabelledSeries;
  readonly events: readonly EventOutcome[];
  readonly falsePositives: number;
  readonly worseAlarms: number;
  readonly alarms: number;
}

/**
 * Scores the change points of one series: an event is found by the first alarm of its direction detected from its first
 * observed day to 14 days after its completion. Further ones of the direction there are ignored; any other alarm is a
 * false positive.
 */
export function scoreSeries(labelled: LabelledSeries, changes: readonly Alarm[]): SeriesOutcome {
  const { days } = labelled.series;
  const explained = new Set<Alarm>();
  const events = labelled.events.map((event) => scoreEvent(event, days, changes, explained));
  return {
    labelled,
    events,
    falsePositives: changes.length - explained.size,
    worseAlarms: changes.filter((change) => change.direction === 'worse').length,
    alarms: changes.length,
  };
}

function scoreEvent(
  event: TrueEvent,
  days: Int32Array,
  changes: readonly Alarm[],
  explained: Set<Alarm>,
): EventOutcome {
  const onset = days.find((day) => day >= event.from) ?? event.from;
  const end = event.from + event.length + GRACE;
  const inside = changes.filter(({ index }) => {
    const day = days[index] ?? 0;
    return day >= onset && day <= end;
  });
  const matching = inside.filter((change) => change.direction === event.direction);
  for (const change of matching) explained.add(change);
  const [first] = matching;
  return {
    direction: event.direction,
    gradual: event.length > 0,
    found:
      first === undefined
        ? null
        : {
            delay: (days[first.index] ?? 0) - onset,
            onsetError: Math.abs((days[first.onsetIndex] ?? 0) - onset),
          },
    firstAlarm: inside[0]?.direction ?? null,
  };
}

/** The figures of a table row; shares in [0, 1], times in days, NaN where there is nothing to count. */
export interface Summary {
  readonly series: number;
  /** Share of no-event series with a worse alarm, and with any. */
  readonly falseAlarms: number;
  readonly anyFalseAlarms: number;
  /** Worse alarms per 100 observed days of no-event series. */
  readonly worsePer100Days: number;
  /** Share found of the worse events, and of all. */
  readonly recall: number;
  readonly recallAll: number;
  /** Medians over all events found. */
  readonly delay: number;
  readonly onsetError: number;
  readonly onsetErrorAbrupt: number;
  readonly onsetErrorGradual: number;
  readonly direction: number;
  readonly f1: number;
}

export function summarise(outcomes: readonly SeriesOutcome[]): Summary {
  const quiet = outcomes.filter(({ labelled }) => labelled.events.length === 0);
  const quietDays = quiet.reduce((days, { labelled }) => days + labelled.series.days.length, 0);
  const events = outcomes.flatMap((outcome) => outcome.events);
  const worse = events.filter((event) => event.direction === 'worse');
  const found = events.filter(isFound);
  const foundWorse = found.filter((event) => event.direction === 'worse');
  const judged = events.filter((event) => event.firstAlarm !== null);
  const falsePositives = outcomes.reduce((total, outcome) => total + outcome.falsePositives, 0);
  return {
    series: outcomes.length,
    falseAlarms: quiet.filter((outcome) => outcome.worseAlarms > 0).length / quiet.length,
    anyFalseAlarms: quiet.filter((outcome) => outcome.alarms > 0).length / quiet.length,
    worsePer100Days: (100 * quiet.reduce((total, outcome) => total + outcome.worseAlarms, 0)) / quietDays,
    recall: foundWorse.length / worse.length,
    recallAll: found.length / events.length,
    delay: median(found.map((event) => event.found.delay)),
    onsetError: median(found.map((event) => event.found.onsetError)),
    onsetErrorAbrupt: median(found.filter((event) => !event.gradual).map((event) => event.found.onsetError)),
    onsetErrorGradual: median(found.filter((event) => event.gradual).map((event) => event.found.onsetError)),
    direction: judged.filter((event) => event.firstAlarm === event.direction).length / judged.length,
    f1: (2 * found.length) / (found.length + events.length + falsePositives),
  };
}

function isFound(event: EventOutcome): event is FoundEvent {
  return event.found !== null;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? Number.NaN)) / 2 : upper;
}
