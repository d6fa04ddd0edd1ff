import * as z from 'zod';
import { EVENT_KINDS, type EventKind } from './events.ts';
import type { TrueEvent } from './export.ts';

const metricSchema = z.object({
  changePoints: z
    .array(
      z.object({ day: z.string(), onsetDay: z.string(), direction: z.enum(['worse', 'better', 'none']) }),
    )
    .default([]),
  excluded: z.unknown().optional(),
});

/** The list in `true-events.json`. */
export const trueEventsSchema: z.ZodType<TrueEvent[]> = z.array(
  z.object({
    creative: z.string(),
    kind: z.enum(EVENT_KINDS),
    metric: z.enum(['ctr', 'cpc']),
    onsetDay: z.string(),
    endDay: z.string().exactOptional(),
    magnitude: z.number(),
  }),
);

/** As much of a result document as a comparison with the truth needs. */
export const scoredDocumentSchema = z.object({
  items: z.array(z.object({ id: z.string(), metrics: z.object({ ctr: metricSchema, cpc: metricSchema }) })),
});
type ScoredDocument = z.infer<typeof scoredDocumentSchema>;

interface KindScore {
  readonly kind: EventKind;
  readonly planted: number;
  readonly found: number;
  /** Median days from onset to detection, of those found; null when none was. */
  readonly medianDelay: number | null;
  /** Median distance of the estimated from the true onset, in days, of those found. */
  readonly medianOnsetError: number | null;
}

export interface Score {
  readonly kinds: readonly KindScore[];
  /** Analysed creatives without any planted change, and how many of them show a CTR change for the worse. */
  readonly quiet: number;
  readonly falseAlarms: number;
}

/** An exponential fall counts as complete after twice the longest time constant. */
const WEAR_OUT_DAYS = 24;
const GRACE_DAYS = 14;

/**
 * Holds a result against what was planted. A change is found when a change point of its metric and direction was
 * detected from its onset until two weeks after it is complete.
 */
export function scoreAgainstTruth({ items }: ScoredDocument, events: readonly TrueEvent[]): Score {
  const byId = new Map(items.map((item) => [item.id, item]));
  const kinds = EVENT_KINDS.map((kind): KindScore => {
    const planted = events.filter((event) => event.kind === kind);
    const found = planted.flatMap((event) => {
      const detected = byId
        .get(event.creative)
        ?.metrics[event.metric].changePoints.find(
          ({ day, direction }) => direction === directionOf(kind) && isInTime(event, day),
        );
      if (detected === undefined) return [];
      const onsetError = Math.abs(daysBetween(event.onsetDay, detected.onsetDay));
      return [{ delay: daysBetween(event.onsetDay, detected.day), onsetError }];
    });
    return {
      kind,
      planted: planted.length,
      found: found.length,
      medianDelay: median(found.map(({ delay }) => delay)),
      medianOnsetError: median(found.map(({ onsetError }) => onsetError)),
    };
  });
  const touched = new Set(events.map(({ creative }) => creative));
  const quiet = items.filter(({ id, metrics }) => !touched.has(id) && metrics.ctr.excluded === undefined);
  const alarmed = quiet.filter(({ metrics }) =>
    metrics.ctr.changePoints.some(({ direction }) => direction === 'worse'),
  );
  return { kinds, quiet: quiet.length, falseAlarms: alarmed.length };
}

function directionOf(kind: EventKind): 'worse' | 'better' {
  return kind === 'step_up' ? 'better' : 'worse';
}

function isInTime({ kind, onsetDay, endDay }: TrueEvent, day: string): boolean {
  const gradualDays = endDay === undefined || kind === 'drop_recover' ? 0 : daysBetween(onsetDay, endDay);
  const complete = kind === 'wear_out' ? WEAR_OUT_DAYS : gradualDays;
  const delay = daysBetween(onsetDay, day);
  return delay >= 0 && delay <= complete + GRACE_DAYS;
}

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000;
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** The score as a table of text. */
export function scoreLines({ kinds, quiet, falseAlarms }: Score): string[] {
  const days = (value: number | null): string => (value === null ? '–' : String(value)).padStart(5);
  return [
    'PLANTED       FOUND    DELAY  ONSET ERROR   (median days)',
    ...kinds.map(({ kind, planted, found, medianDelay, medianOnsetError }) => {
      const share = `${found}/${planted}`.padStart(6);
      return `${kind.padEnd(13)}${share}    ${days(medianDelay)}        ${days(medianOnsetError)}`;
    }),
    `no change: ${falseAlarms} of ${quiet} creatives show a CTR change for the worse all the same`,
  ];
}
