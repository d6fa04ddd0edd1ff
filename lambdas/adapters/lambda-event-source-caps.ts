import { setTimeout as pause } from 'node:timers/promises';
import {
  GetEventSourceMappingCommand,
  type LambdaClient,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { WORKERS_OF_POLLER } from '../contracts/capacity.ts';
import type { WorkerCaps } from '../domain/capacity/worker-caps.ts';
import type { CapacityWorkers } from '../ports/capacity-workers.ts';

/** States in which a mapping takes changes; in the others one is being made. */
const SETTLED = ['Enabled', 'Disabled'];

const mappingSchema = z.object({
  State: z.string(),
  ScalingConfig: z.object({ MaximumConcurrency: z.int() }).optional(),
  ProvisionedPollerConfig: z.object({ MinimumPollers: z.int(), MaximumPollers: z.int() }).optional(),
});

interface Mapping {
  readonly id: string;
  readonly cap: number;
  readonly isSettled: boolean;
  /** What sets its cap. */
  readonly withCap: (cap: number) => Partial<UpdateEventSourceMappingCommandInput>;
}

/** How often, and how many milliseconds apart, caps are tried to be put back: Lambda refuses while it makes a change. */
const PUTTING_BACK = { times: 8, apart: 2000 };

/**
 * The caps of workers at their event source mappings. Lambda takes a change at once and makes it later, meanwhile telling
 * the new value.
 *
 * @param ids of the mappings, by the name of the queue
 */
export function createEventSourceCaps(
  client: LambdaClient,
  ids: Readonly<Record<string, string>>,
  { times, apart } = PUTTING_BACK,
): CapacityWorkers {
  async function readAll(): Promise<[string, Mapping][]> {
    const mappings = Object.entries(ids).map(async ([queue, id]): Promise<[string, Mapping]> => {
      const answer = await client.send(new GetEventSourceMappingCommand({ UUID: id }));
      return [queue, mappingOf(id, mappingSchema.parse(answer))];
    });
    return Promise.all(mappings);
  }

  async function setOne({ id, withCap }: Mapping, cap: number | undefined): Promise<void> {
    if (cap === undefined) throw new Error(`There is no cap for the event source mapping ${id}.`);
    await client.send(new UpdateEventSourceMappingCommand({ UUID: id, ...withCap(cap) }));
  }

  /** Sets those that are not set yet, all at the same time. @returns why some are not; nothing when all are set */
  async function trySet(caps: WorkerCaps): Promise<unknown[]> {
    try {
      const others = (await readAll()).filter(([queue, mapping]) => mapping.cap !== caps[queue]);
      const results = await Promise.allSettled(
        others.map(([queue, mapping]) => setOne(mapping, caps[queue])),
      );
      return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    } catch (error) {
      return [error];
    }
  }

  /** @returns why they are not; nothing when they are */
  async function putBack(caps: WorkerCaps): Promise<unknown[]> {
    for (let attempt = 1; ; attempt++) {
      const failures = await trySet(caps);
      if (failures.length === 0 || attempt === times) return failures;
      await pause(apart);
    }
  }

  return {
    async read() {
      const mappings = await readAll();
      return {
        caps: Object.fromEntries(mappings.map(([queue, { cap }]) => [queue, cap])),
        isUpdating: mappings.some(([, { isSettled }]) => !isSettled),
      };
    },

    async set(caps, otherwise) {
      const failures = await trySet(caps);
      if (failures.length === 0) return;
      // A change whose answer got lost was made all the same.
      if ((await trySet(caps)).length === 0) return;
      const remaining = await putBack(otherwise);
      if (remaining.length === 0) throw failures[0];
      throw new AggregateError(
        [...failures, ...remaining],
        'The caps of workers may be out of proportion until they are set again.',
      );
    },
  };
}

function mappingOf(
  id: string,
  { State, ScalingConfig, ProvisionedPollerConfig: pollers }: z.infer<typeof mappingSchema>,
): Mapping {
  const isSettled = SETTLED.includes(State);
  if (pollers !== undefined) {
    return {
      id,
      isSettled,
      cap: WORKERS_OF_POLLER * pollers.MaximumPollers,
      withCap: (cap) => ({
        ProvisionedPollerConfig: { ...pollers, MaximumPollers: cap / WORKERS_OF_POLLER },
      }),
    };
  }
  if (ScalingConfig === undefined) throw new Error(`The event source mapping ${id} has no cap.`);
  const withCap = (cap: number) => ({ ScalingConfig: { MaximumConcurrency: cap } });
  return { id, isSettled, cap: ScalingConfig.MaximumConcurrency, withCap };
}
