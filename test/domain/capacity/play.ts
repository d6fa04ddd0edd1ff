import type { DatabaseLoad, QueueLoad } from '../../../lambdas/domain/capacity/measures.ts';
import { capsOf, type WorkersPlan } from '../../../lambdas/domain/capacity/worker-caps.ts';
import {
  decideWorkers,
  type WorkersDecision,
  type WorkersMemory,
  type WorkersObservation,
} from '../../../lambdas/domain/capacity/workers.ts';

export const MINUTE = 60_000;

export const PLAN: WorkersPlan = {
  least: 2,
  usual: 8,
  most: 20,
  step: 1,
  queues: {
    analysis: { weight: 10, promisedWaitSeconds: 120 },
    signature: { weight: 5, promisedWaitSeconds: 900 },
    report: { weight: 1, promisedWaitSeconds: 120 },
  },
};

export const CALM: DatabaseLoad = { writerCpu: null, readerCpu: null, capacity: null, pinned: null };

const EMPTY: QueueLoad = { visible: 0, inFlight: 0, oldestSeconds: 0, meanSeconds: null };

/** What is seen at a moment, a minute after the one before unless it says when. */
export interface Moment {
  readonly at?: number;
  readonly queues: Readonly<Record<string, QueueLoad | null>>;
  readonly database: DatabaseLoad;
  readonly isUpdating?: boolean;
  /** The multiplier that a deployment has set just before. */
  readonly deployed?: number;
}

export function idle(): Moment {
  return { queues: { analysis: EMPTY, signature: EMPTY, report: EMPTY }, database: CALM };
}

export function waiting(queue: string, load: Partial<QueueLoad>): Moment {
  return { ...idle(), queues: { ...idle().queues, [queue]: { ...EMPTY, ...load } } };
}

export function busy(queue: string, inFlight: number): Moment {
  return waiting(queue, { inFlight, meanSeconds: 0.1 });
}

export function observe(
  moment: Moment,
  at: number,
  multiplier = PLAN.usual,
  plan = PLAN,
): WorkersObservation {
  const { queues, database, isUpdating = false } = moment;
  return { at, caps: capsOf(multiplier, plan), isUpdating, queues, database };
}

export interface PlayedStep {
  readonly seen: WorkersObservation;
  readonly decision: WorkersDecision;
}

interface Start {
  readonly plan?: WorkersPlan;
  readonly start?: number;
}

/** Decides at one moment after the other, each decision being carried out. */
export function player({ plan = PLAN, start = plan.usual }: Start = {}): (moment: Moment) => PlayedStep {
  let memory: WorkersMemory | null = null;
  let at = -MINUTE;
  let caps = capsOf(start, plan);
  return (moment) => {
    at = moment.at ?? at + MINUTE;
    if (moment.deployed !== undefined) caps = capsOf(moment.deployed, plan);
    const seen = { ...observe(moment, at, plan.usual, plan), caps };
    const decision: WorkersDecision = decideWorkers(memory, seen, plan);
    memory = decision.memory;
    caps = decision.caps ?? caps;
    return { seen, decision };
  };
}

/** What is decided moment by moment. */
export function play(moments: readonly Moment[], begin: Start = {}): PlayedStep[] {
  return moments.map(player(begin));
}
