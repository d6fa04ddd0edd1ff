import { type CacheRecord, type CapacityPlan, CONTROLLER_SECONDS } from '../contracts/capacity.ts';
import { METRICS } from '../contracts/metric-names.ts';
import { type CacheDecision, decideCache } from '../domain/capacity/cache.ts';
import { capsOf, isExact } from '../domain/capacity/worker-caps.ts';
import { decideWorkers, type WorkersDecision, type WorkersMemory } from '../domain/capacity/workers.ts';
import type { CapacityCache } from '../ports/capacity-cache.ts';
import type { CacheLoad } from '../ports/capacity-load.ts';
import type { CapacityMemory } from '../ports/capacity-memory.ts';
import type { CapacityWorkers } from '../ports/capacity-workers.ts';
import type { Clock } from '../ports/clock.ts';
import type { Gauges, Metrics } from '../ports/metrics.ts';
import { type LoadContext, measureLoad } from './measure-load.ts';

interface Measuring {
  readonly metrics: Metrics & Gauges;
}

export interface WorkersContext extends Measuring {
  readonly plan: CapacityPlan['workers'];
  readonly workers: CapacityWorkers;
  readonly memory: CapacityMemory<WorkersMemory>;
  readonly measuring: LoadContext;
  /** By which decisions are carried out, whatever the time is that they are about. */
  readonly clock: Clock;
}

export interface CacheContext extends Measuring {
  readonly plan: CapacityPlan['cache'];
  readonly cache: CapacityCache;
  readonly memory: CapacityMemory<CacheRecord>;
  readonly load: CacheLoad;
}

/** Past the end of whoever carries out a decision, with what clocks may differ by; and before the next minute. */
const HOLD_MS = (CONTROLLER_SECONDS + 10) * 1000;

/**
 * Decides how many workers there may be, and sets it. It is written down before it is done: of those who decide at the
 * same moment, one does it, and nobody decides until that one is done or cannot be at it any more. What was not done then
 * is seen in the caps the next time.
 *
 * @param at milliseconds since the epoch, by the clock of the metrics
 * @returns null when another is at it
 */
export async function controlWorkers(context: WorkersContext, at: number): Promise<WorkersDecision | null> {
  const { plan, workers, memory, measuring, metrics, clock } = context;
  const { value, revision, heldUntil } = await memory.read();
  if (heldUntil !== null && clock.now() < heldUntil) return null;
  // After the memory and not at the same time: who changes caps writes it first, so that these are not half done.
  const { caps, isUpdating } = await workers.read();
  const { queues, database } = await measureLoad(measuring, at, isExact(caps, plan.usual, plan));
  const decision = decideWorkers(value, { at, caps, isUpdating, queues, database }, plan);
  if (decision.reason === 'repeated') return decision;
  const until = decision.caps === null ? null : clock.now() + HOLD_MS;
  if (!(await memory.write(decision.memory, revision, until))) return null;
  const { from, to, wanted, isHeldBack } = decision;
  if (wanted !== null) metrics.gauge(METRICS.capacityWanted, wanted);
  if (isHeldBack) metrics.count(METRICS.capacityHeldBack);
  if (decision.caps !== null) await counted(metrics, workers.set(decision.caps, capsOf(from, plan)));
  metrics.gauge(METRICS.capacityMultiplier, to);
  if (to > from) metrics.count(METRICS.capacityRaised);
  if (to < from) metrics.count(METRICS.capacityLowered);
  // One that failed is not let go: the next minute comes after its end, and until then Lambda is left alone.
  if (until !== null) await memory.write(decision.memory, revision + 1, null);
  return decision;
}

/**
 * Decides what the cache may grow to, and sets it. What was seen of the cache is written down for those who cannot ask
 * ElastiCache.
 *
 * @param at milliseconds since the epoch, by the clock of the metrics
 * @returns null when another decided at the same moment
 */
export async function controlCache(
  { plan, cache, memory, load, metrics }: CacheContext,
  at: number,
): Promise<CacheDecision | null> {
  const [{ value, revision }, { limits, status, isChanging }, used] = await Promise.all([
    memory.read(),
    cache.read(),
    load.read(at),
  ]);
  const decision = decideCache(value?.memory ?? null, { at, limits, isChanging, used }, plan);
  const { gigabytes, unitsPerSecond } = decision;
  if (gigabytes.reason === 'repeated') return decision;
  const record = { memory: decision.memory, state: { status, limits: decision.limits ?? limits, used } };
  if (!(await memory.write(record, revision, null))) return null;
  if (decision.limits !== null) await counted(metrics, cache.set(decision.limits));
  metrics.gauge(METRICS.cacheGigabytesAllowed, gigabytes.to);
  metrics.gauge(METRICS.cacheUnitsAllowed, unitsPerSecond.to);
  return decision;
}

async function counted(metrics: Metrics, change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    metrics.count(METRICS.capacityFailed);
    throw error;
  }
}
