import {
  type DatabaseLoad,
  databaseMeasures,
  heaviest,
  type Measure,
  measuresOf,
  type QueueLoad,
  ratioOf,
} from './measures.ts';
import { capsOf, roundDown, roundUp, type WorkersPlan, within } from './worker-caps.ts';

interface Seen {
  readonly queues: Readonly<Record<string, QueueLoad | null>>;
  readonly database: DatabaseLoad;
}

/** What load and database together ask for. */
export interface Wish {
  /** What would be enough for the load, however many there may be. */
  readonly wanted: number;
  /** What there should be now. */
  readonly wish: number;
  /** What the database bears. */
  readonly borne: number;
  readonly isHeldBack: boolean;
  readonly load: Measure | null;
  readonly pressure: Measure | null;
}

/** Between them a measure is at its target. */
const NEAR = { from: 0.9, to: 1.1 };
/** Times the most there may be: what is wanted beyond stands for more than anybody plans with. */
const WANTED_AT_MOST = 10;

/**
 * Load asks for what would suit the measure that asks for most, or for what is usual. The database bears as many times
 * more as it is below its own targets, if all that it does came from the workers.
 */
export function wishOf(current: number, { queues, database }: Seen, plan: WorkersPlan): Wish {
  const measures = measuresOf(queues, capsOf(current, plan), plan);
  const asked = Math.max(0, ...measures.map((measure) => askedBy(measure, current, plan)));
  const load = heaviest(measures.filter((measure) => askedBy(measure, current, plan) === asked));
  const pressure = heaviest(databaseMeasures(database));
  const wanted = Math.min(Math.max(plan.usual, asked), WANTED_AT_MOST * plan.most);
  const borne = pressure === null ? Number.POSITIVE_INFINITY : borneBy(ratioOf(pressure), current, plan);
  const reachable = Math.min(wanted, plan.most, mostAfter(current));
  return {
    wanted,
    wish: within(plan, Math.min(wanted, borne)),
    borne: within(plan, borne),
    isHeldBack: borne < reachable,
    load,
    pressure,
  };
}

/**
 * As many times more as a measure is beyond its target. How long a message has waited says that there are too few, and not
 * how many would do: it asks for all that there may be, and where they are there already, for what a minute may add.
 */
function askedBy(measure: Measure, current: number, plan: WorkersPlan): number {
  const ratio = ratioOf(measure);
  if (ratio >= NEAR.from && ratio <= NEAR.to) return current;
  const asked = roundUp(current * ratio, plan);
  return measure.name === 'age' ? Math.min(asked, Math.max(plan.most, mostAfter(current))) : asked;
}

function borneBy(pressure: number, current: number, plan: WorkersPlan): number {
  if (pressure === 0) return Number.POSITIVE_INFINITY;
  if (pressure >= NEAR.from && pressure <= 1) return current;
  return roundDown(current / pressure, plan);
}

/** What a minute may make of so many: the guide's policies are +100 % and two pods, whichever is more. */
export function mostAfter(multiplier: number): number {
  return Math.max(2 * multiplier, multiplier + 2);
}
