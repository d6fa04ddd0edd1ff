import {
  GetEventSourceMappingCommand,
  type LambdaClient,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { WORKERS_OF_POLLER } from '../contracts/capacity.ts';
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

/**
 * The caps of workers at their event source mappings. Lambda takes a change at once and makes it later, meanwhile telling
 * the new value.
 *
 * @param ids of the mappings, by the name of the queue
 */
export function createEventSourceCaps(
  client: LambdaClient,
  ids: Readonly<Record<string, string>>,
): CapacityWorkers {
  async function readAll(): Promise<[string, Mapping][]> {
    const mappings = Object.entries(ids).map(async ([queue, id]): Promise<[string, Mapping]> => {
      const answer = await client.send(new GetEventSourceMappingCommand({ UUID: id }));
      return [queue, mappingOf(id, mappingSchema.parse(answer))];
    });
    return Promise.all(mappings);
  }

  async function setOne({ id, withCap }: Mapping, cap: number): Promise<void> {
    await client.send(new UpdateEventSourceMappingCommand({ UUID: id, ...withCap(cap) }));
  }

  /** @throws AggregateError when one of them stays as it is, with the reason for which all of them were to be put back */
  async function putBack(changed: readonly Mapping[], reason: unknown): Promise<void> {
    const results = await Promise.allSettled(changed.map((mapping) => setOne(mapping, mapping.cap)));
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    if (failures.length === 0) return;
    throw new AggregateError(
      [reason, ...failures],
      'The caps of workers are out of proportion until they are set again.',
    );
  }

  return {
    async read() {
      const mappings = await readAll();
      return {
        caps: Object.fromEntries(mappings.map(([queue, { cap }]) => [queue, cap])),
        isUpdating: mappings.some(([, { isSettled }]) => !isSettled),
      };
    },

    async set(caps) {
      const changed: Mapping[] = [];
      for (const [queue, mapping] of await readAll()) {
        const cap = caps[queue];
        if (cap === undefined) throw new Error(`There is no cap for the ${queue} queue.`);
        if (cap === mapping.cap) continue;
        try {
          await setOne(mapping, cap);
        } catch (error) {
          await putBack(changed, error);
          throw error;
        }
        changed.push(mapping);
      }
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
