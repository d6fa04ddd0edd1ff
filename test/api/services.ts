import type { ControlServices } from '../../lambdas/api/services.ts';
import type { Deletion } from '../../lambdas/contracts/deletion.ts';
import type { WorkMessage } from '../../lambdas/contracts/messages.ts';
import { MemoryStore } from '../simulation/memory-store.ts';
import { contextOver } from '../simulation/ports.ts';
import { MemoryUploads, memoryDatasets, memoryPortfolios } from './memory-uploads.ts';

export const NOW = Date.parse('2026-03-02T10:00:00.000Z');

/** The services of the verbs over memory, and what there is to see of their work. */
export function createServices() {
  const store = new MemoryStore();
  const uploads = new MemoryUploads(store);
  const portfolios = memoryPortfolios();
  const deletions: Deletion[] = [];
  const sent: WorkMessage[] = [];
  let now = NOW;
  /** Runs while a verb waits, with the number of the pause. */
  let meanwhile = (_pause: number): void => undefined;
  let pauses = 0;
  const world = {
    store,
    now: () => now,
    send: (messages: readonly WorkMessage[]) => void sent.push(...messages),
  };
  const services: ControlServices = {
    ...contextOver(world),
    datasets: memoryDatasets(),
    portfolios,
    deletions: { put: async (deletion) => void deletions.push(deletion) },
    uploads,
    async pause(milliseconds) {
      now += milliseconds;
      meanwhile(++pauses);
    },
  };
  return {
    services,
    store,
    uploads,
    portfolios,
    deletions,
    sent,
    pauses: () => pauses,
    onPause: (act: (pause: number) => void) => {
      meanwhile = act;
    },
  };
}
