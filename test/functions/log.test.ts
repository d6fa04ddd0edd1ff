import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { alsoLog, errorFields, log, loggedAs } from '../../lambdas/functions/runtime/log.ts';

let lines: Record<string, unknown>[] = [];

beforeEach(() => {
  lines = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(JSON.parse(String(line))) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('a line', () => {
  it('carries what it is part of, however deep, and nothing of what goes on beside it', async () => {
    const record = (messageId: string, jobId: string) =>
      loggedAs({ messageId }, async () => {
        await new Promise(setImmediate);
        alsoLog({ jobId });
        await new Promise(setImmediate);
        log('info', 'Done.', { own: true });
      });
    await loggedAs({ lambdaRequestId: 'r' }, async () => {
      await Promise.all([record('a', 'job_1'), record('b', 'job_2')]);
      log('info', 'All done.');
    });
    log('info', 'Outside.');
    expect(lines.map(({ level: _, timestamp: __, ...rest }) => rest)).toEqual([
      { message: 'Done.', lambdaRequestId: 'r', messageId: 'a', jobId: 'job_1', own: true },
      { message: 'Done.', lambdaRequestId: 'r', messageId: 'b', jobId: 'job_2', own: true },
      { message: 'All done.', lambdaRequestId: 'r' },
      { message: 'Outside.' },
    ]);
  });

  it('names the trace of the invocation, as it is when it is written', () => {
    for (const digit of ['1', '2']) {
      vi.stubEnv('_X_AMZN_TRACE_ID', `Root=1-6ab1c2d3-${digit.repeat(24)};Parent=53995c3f42cd8ad8;Sampled=1`);
      log('info', 'Traced.');
    }
    vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-nonsense');
    log('info', 'Not traced.');
    expect(lines.map(({ traceId }) => traceId)).toEqual([
      `1-6ab1c2d3-${'1'.repeat(24)}`,
      `1-6ab1c2d3-${'2'.repeat(24)}`,
      undefined,
    ]);
  });

  it.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['loud', ['info', 'warn', 'error']],
  ])('is written on a stage with the level %s if it is of %j', (level, written) => {
    vi.stubEnv('LOG_LEVEL', level);
    for (const each of ['debug', 'info', 'warn', 'error'] as const) log(each, 'A line.');
    expect(lines.map((line) => line['level'])).toEqual(written);
  });
});

describe('an error in a line', () => {
  it('is told with its causes, where it came from, and what several of them were', () => {
    const cause = new TypeError('deep');
    const { error } = fieldsOf(
      errorFields(new AggregateError([new Error('one', { cause }), 'two'], 'Both failed.')),
    );
    expect(error).toMatchObject({
      name: 'AggregateError',
      message: 'Both failed.',
      errors: [
        { error: { message: 'one', cause: { error: { name: 'TypeError', message: 'deep' } } } },
        { error: 'two' },
      ],
    });
    expect(error['stack']).toMatch(/^ {4}at .*log\.test\.ts/);
  });

  it('is bounded, and does not say twice what it quotes', () => {
    const text = JSON.stringify(errorFields(new Error(`quoted: ${'1234567890'.repeat(1000)}`)));
    expect(text.length).toBeLessThan(5000);
    expect(text.match(/quoted/g)).toHaveLength(1);
    expect(text).toContain('(10008 characters)');
  });
});

function fieldsOf(fields: ReturnType<typeof errorFields>): { error: Record<string, unknown> } {
  const { error } = fields;
  if (typeof error !== 'object' || error === null) throw new Error('There is no error in it.');
  return { error: Object.fromEntries(Object.entries(error)) };
}
