import { afterAll, describe, expect, it, vi } from 'vitest';
import { handler as purge } from '../../lambdas/functions/purge.ts';
import { INVOCATION } from './cloud.ts';

vi.spyOn(process.stdout, 'write').mockReturnValue(true);
afterAll(() => vi.restoreAllMocks());

describe('purge', () => {
  it.each([
    [{}],
    [{ tenant: 'acme' }],
    [{ tenant: 'acme', datasetId: 'inbox' }],
    [{ tenant: '', datasetId: null }],
    [{ tenant: 'acme', datasetId: null, all: true }],
    [{ 'detail-type': 'Object Created' }],
  ])('deletes nothing when it is asked %j', async (request) => {
    await expect(purge(request, INVOCATION)).rejects.toMatchObject({ name: 'ZodError' });
  });

  it('understands its schedule, and says what is missing', async () => {
    const event = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
    await expect(purge(event, INVOCATION)).rejects.toThrow(/environment of the function is not complete/);
  });
});
