import type { FunctionConfiguration } from './configuration.ts';
import type { Outcome } from './outcome.ts';

export interface ReportedInvocation {
  readonly requestId: string;
  readonly milliseconds: number;
  readonly peakBytes: number;
  readonly outcome: Outcome;
}

/** The lines that Lambda writes at the end of an invocation, as the function's log format has them. */
export function reportLines(
  { memoryMegabytes, logsJson }: FunctionConfiguration,
  { requestId, milliseconds, peakBytes, outcome }: ReportedInvocation,
): string[] {
  const maxMemoryUsedMB = Math.ceil(peakBytes / 1024 ** 2);
  const error = outcome.succeeded ? [] : [`ERROR RequestId: ${requestId} ${outcome.payload}`];
  if (!logsJson)
    return [
      ...error,
      `REPORT RequestId: ${requestId} Duration: ${milliseconds.toFixed(2)} ms Memory Size: ${memoryMegabytes} MB Max Memory Used: ${maxMemoryUsedMB} MB`,
    ];
  const metrics = {
    durationMs: Number(milliseconds.toFixed(3)),
    billedDurationMs: Math.ceil(milliseconds),
    memorySizeMB: memoryMegabytes,
    maxMemoryUsedMB,
  };
  const record = { requestId, metrics, ...verdictOf(outcome) };
  return [...error, JSON.stringify({ time: new Date().toISOString(), type: 'platform.report', record })];
}

function verdictOf({ succeeded, payload }: Outcome): { status: string; errorType?: string } {
  if (succeeded) return { status: 'success' };
  const [, errorType = 'Unknown'] = /"errorType":"([^"]*)"/.exec(payload) ?? [];
  return { status: errorType === 'Sandbox.Timedout' ? 'timeout' : 'error', errorType };
}
