import { type Delivery, deliver, type Schedule } from './delivery.ts';
import { EVENT_KINDS, type EventKind, type PlantedEvent, plantEvent } from './events.ts';
import { creativeNames } from './names.ts';
import { Random } from './random.ts';

export const SEED = 20250106;
export const DAYS = 120;

/** How many creatives of each kind the sample holds; `steady` has no event, `short` and `sparse` cannot be analysed. */
export const CREATIVES: Readonly<Record<EventKind | 'steady' | 'short' | 'sparse', number>> = {
  drop: 14,
  gradual: 14,
  wear_out: 14,
  drop_recover: 8,
  step_up: 6,
  cpc_step: 6,
  cpc_ramp: 6,
  steady: 120,
  short: 8,
  sparse: 4,
};

const CAMPAIGNS = [
  'UK | Prospecting | Spring 2025',
  'UK | Retargeting, 30 days',
  'EU | Prospecting | Spring 2025',
  'Worldwide | Evergreen',
] as const;

export interface Creative {
  readonly name: string;
  readonly campaign: string;
  readonly event: PlantedEvent | null;
  readonly rows: readonly Delivery[];
}

/** Every creative of the sample with its rows and the event planted in it. */
export function drawCreatives(): Creative[] {
  const random = Random.seeded(SEED);
  const kinds = random.shuffled(
    Object.entries(CREATIVES).flatMap(([kind, count]) => Array<string>(count).fill(kind)),
  );
  const names = creativeNames(kinds.length, random);
  return names.map((name, index) => {
    const own = Random.seeded(SEED, index + 1);
    const kind = kinds[index] ?? 'steady';
    const schedule = drawSchedule(kind, own);
    const eventKind = EVENT_KINDS.find((known) => known === kind);
    const planted =
      eventKind === undefined ? null : plantEvent(eventKind, schedule.first, schedule.last, own);
    return {
      name,
      campaign: CAMPAIGNS[own.integer(0, CAMPAIGNS.length - 1)] ?? CAMPAIGNS[0],
      event: planted,
      rows: deliver(schedule, planted, own),
    };
  });
}

function drawSchedule(kind: string, random: Random): Schedule {
  const end = DAYS - 1;
  if (kind === 'short') {
    const first = random.integer(0, end - 25);
    return { first, last: first + random.integer(4, 24), paused: new Set() };
  }
  if (kind === 'sparse') {
    const paused = Array.from({ length: DAYS }, (_, day) => day).filter((day) => day % 14 > 3);
    return { first: 0, last: end, paused: new Set(paused) };
  }
  const first = random.chance(0.6) ? 0 : random.integer(1, 40);
  const last = random.chance(0.75) ? end : random.integer(first + 70, end);
  const paused = new Set<number>();
  if (random.chance(0.3)) {
    const from = random.integer(first + 5, last - 10);
    for (let day = from + random.integer(2, 5) - 1; day >= from; day--) paused.add(day);
  }
  return { first, last, paused };
}
