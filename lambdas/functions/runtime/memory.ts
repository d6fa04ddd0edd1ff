import { createEmfMetrics } from '../../adapters/emf-metrics.ts';
import { systemClock } from '../../adapters/system-clock.ts';
import { METRICS } from '../../contracts/metric-names.ts';
import { writeLine } from './log.ts';

/** How long what was told of memory holds, unless there is clearly more. */
const HOLDS_MS = 60_000;
const MORE_PERCENT = 5;

let told = { at: Number.NEGATIVE_INFINITY, percent: 0 };

/**
 * Tells how much of its memory the function has used at most since this environment started. Lambda says so in its
 * report of each invocation, but not as a metric. Without a word of where it runs, as in tests, nothing is told.
 */
export function writeMemory(): void {
  const { METRICS_NAMESPACE: namespace, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: mebibytes } = process.env;
  if (namespace === undefined || mebibytes === undefined) return;
  const at = systemClock.now();
  const percent = (100 * process.resourceUsage().maxRSS) / 1024 / Number(mebibytes);
  if (at - told.at < HOLDS_MS && percent - told.percent < MORE_PERCENT) return;
  told = { at, percent };
  const metrics = createEmfMetrics(namespace, systemClock, writeLine);
  metrics.gauge(METRICS.memoryUsed, percent);
  metrics.flush();
}
