import type { CacheRecord, CapacityPlan } from '../contracts/capacity.ts';
import { METRICS } from '../contracts/metric-names.ts';
import { type CacheDecision, decideCache } from '../domain/capacity/cache.ts';
import { decideWorkers, type WorkersDecision, type WorkersMemory } from '../domain/capacity/workers.ts';
import type { CapacityCache } from '../ports/capacity-cache.ts';
import type { Load } from '../ports/capacity-load.ts';
import type { CapacityMemory } from '../ports/capacity-memory.ts';
import type { CapacityWorkers } from '../ports/capacity-workers.ts';
import type { Gauges, Metrics } from '../ports/metrics.ts';

interface Measuring {
  readonly metrics: Metrics & Gauges;
}

export interface WorkersContext extends Measuring {
  readonly plan: CapacityPlan['workers'];
  readonly workers: CapacityWorkers;
  readonly memory: CapacityMemory<WorkersMemory>;
}

export interface CacheContext extends Measuring {
  readonly plan: CapacityPlan['cache'];
  readonly cache: CapacityCache;
  readonly memory: CapacityMemory<CacheRecord>;
}

/**
 * Decides how many workers there may be, and sets it. It is written down before it is done: of those who decide at the
 * same moment, one does it. What could not be done after that is seen in the caps the next time.
 *
 * @param at milliseconds since the epoch, by the clock of the metrics
 * @returns null when another decided at the same moment
 */
export async function controlWorkers(
  { plan, workers, memory, metrics }: WorkersContext,
  at: number,
  { queues, database }: Load,
): Promise<WorkersDecision | null> {
  const [{ value, revision }, { caps, isUpdating }] = await Promise.all([memory.read(), workers.read()]);
  const decision = decideWorkers(value, { at, caps, isUpdating, queues, database }, plan);
  if (decision.reason === 'repeated') return decision;
  if (!(await memory.write(decision.memory, revision))) return null;
  const { from, to, wanted, isHeldBack } = decision;
  if (wanted !== null) metrics.gauge(METRICS.capacityWanted, wanted);
  if (isHeldBack) metrics.count(METRICS.capacityHeldBack);
  if (decision.caps !== null) await counted(metrics, workers.set(decision.caps));
  metrics.gauge(METRICS.capacityMultiplier, to);
  if (to > from) metrics.count(METRICS.capacityRaised);
  if (to < from) metrics.count(METRICS.capacityLowered);
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
  { plan, cache, memory, metrics }: CacheContext,
  at: number,
  { cache: used }: Load,
): Promise<CacheDecision | null> {
  const [{ value, revision }, { limits, status, isChanging }] = await Promise.all([
    memory.read(),
    cache.read(),
  ]);
  const decision = decideCache(value?.memory ?? null, { at, limits, isChanging, used }, plan);
  const { gigabytes, unitsPerSecond } = decision;
  if (gigabytes.reason === 'repeated') return decision;
  const record = { memory: decision.memory, state: { status, limits: decision.limits ?? limits, used } };
  if (!(await memory.write(record, revision))) return null;
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
