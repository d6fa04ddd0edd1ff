const DAYS = 60;
const DAY_MS = 24 * 60 * 60 * 1000;
const FIRST_DAY = Date.UTC(2026, 0, 1);

/** A day of a creative, as `POST /api/analyze` takes it. */
export interface CanaryObservation {
  readonly id: string;
  readonly day: string;
  readonly impressions: number;
  readonly clicks: number;
  readonly spend: number;
}

/**
 * Sixty days of two creatives: one is as good at the end as it was at first, the other loses half of its clicks after
 * thirty-five days. The same figures at all times, for there is one right answer to them (`ANSWERS`).
 */
export function canaryObservations(): CanaryObservation[] {
  return Array.from({ length: DAYS }, (_, day) => [
    observation('canary-steady', day, 300),
    observation('canary-worn', day, day < 35 ? 300 : 150),
  ]).flat();
}

/** The same as a file. */
export function canaryFile(): string {
  const rows = canaryObservations().map(({ id, day, impressions, clicks, spend }) =>
    [id, day, impressions, clicks, spend].join(','),
  );
  return ['creative,date,impressions,clicks,spend', ...rows, ''].join('\n');
}

function observation(id: string, day: number, clicks: number): CanaryObservation {
  return {
    id,
    day: new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10),
    impressions: 10_000 + wobble(day, 41, 200),
    clicks: clicks + wobble(day, 17, 12),
    spend: 120 + wobble(day, 23, 4) / 4,
  };
}

/** Up to so much more or less from day to day, without chance. */
function wobble(day: number, stride: number, most: number): number {
  return ((day * stride) % (2 * most + 1)) - most;
}
