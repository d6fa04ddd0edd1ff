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
  readonly wanted: number;
  readonly wish: number;
  /** What the database bears. */
  readonly borne: number;
  readonly isHeldBack: boolean;
  readonly load: Measure | null;
  readonly pressure: Measure | null;
}

/** Between them a measure is at its target. */
const NEAR = { from: 0.9, to: 1.1 };

/**
 * Load asks for as many times more as the measure furthest beyond its target is beyond it, or for what is usual. The
 * database bears as many times more as it is below its own targets, if all that it does came from the workers.
 */
export function wishOf(current: number, { queues, database }: Seen, plan: WorkersPlan): Wish {
  const load = heaviest(measuresOf(queues, capsOf(current, plan), plan));
  const pressure = heaviest(databaseMeasures(database));
  const ratio = load === null ? 0 : ratioOf(load);
  const asked = ratio >= NEAR.from && ratio <= NEAR.to ? current : roundUp(current * ratio, plan);
  const wanted = Math.max(plan.usual, asked);
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

function borneBy(pressure: number, current: number, plan: WorkersPlan): number {
  if (pressure === 0) return Number.POSITIVE_INFINITY;
  if (pressure >= NEAR.from && pressure <= 1) return current;
  return roundDown(current / pressure, plan);
}

/** What a minute may make of so many: the guide's policies are +100 % and two pods, whichever is more. */
export function mostAfter(multiplier: number): number {
  return Math.max(2 * multiplier, multiplier + 2);
}
