import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { INVOCATION } from './cloud.ts';

const MEBIBYTE_KILOBYTES = 1024;

describe('the memory that a function has used', () => {
  let lines: Record<string, unknown>[] = [];
  let usedMebibytes = 0;
  let writeMemory: () => void;

  beforeEach(async () => {
    lines = [];
    vi.useFakeTimers();
    // What was told last is known to the module alone.
    vi.resetModules();
    ({ writeMemory } = await import('../../lambdas/functions/runtime/memory.ts'));
    vi.stubEnv('METRICS_NAMESPACE', 'test');
    vi.stubEnv('AWS_LAMBDA_FUNCTION_MEMORY_SIZE', '1024');
    const usage = process.resourceUsage();
    vi.spyOn(process, 'resourceUsage').mockImplementation(() => ({
      ...usage,
      maxRSS: usedMebibytes * MEBIBYTE_KILOBYTES,
    }));
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
      lines.push(JSON.parse(String(line)));
      return true;
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  const told = () => lines.map((line) => line['MemoryUsed']);

  it('is told by its function, at most once a minute unless it grew', () => {
    for (const [mebibytes, seconds] of [
      [256, 0],
      [266, 30],
      [512, 1],
      [512, 59],
      [522, 1],
    ] as const) {
      usedMebibytes = mebibytes;
      vi.advanceTimersByTime(seconds * 1000);
      writeMemory();
    }
    expect(told()).toEqual([25, 50, 50.9765625]);
    expect(lines[0]).toMatchObject({
      _aws: {
        CloudWatchMetrics: [{ Namespace: 'test', Dimensions: [[]], Metrics: [{ Name: 'MemoryUsed' }] }],
      },
    });
  });

  it('is not told where there is no function', () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_MEMORY_SIZE', undefined);
    writeMemory();
    expect(told()).toEqual([]);
  });

  it('is told however an invocation ends', async () => {
    usedMebibytes = 900;
    const { named } = await import('../../lambdas/functions/runtime/observed.ts');
    const fails = named(async () => {
      throw new Error('No.');
    });
    await expect(fails({}, INVOCATION)).rejects.toThrow('No.');
    expect(told()).toEqual([87.890625]);
  });
});
