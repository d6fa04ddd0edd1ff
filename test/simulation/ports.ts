import type { WorkMessage } from '../../lambdas/contracts/messages.ts';
import { memorySource } from '../../lambdas/domain/input/byte-reader.ts';
import type { PipelineContext } from '../../lambdas/pipeline/context.ts';
import { DEFAULT_SETTINGS, type PipelineSettings } from '../../lambdas/pipeline/settings.ts';
import type { ObjectVersion } from '../../lambdas/ports/object-store.ts';
import type { MemoryStore } from './memory-store.ts';

/**
 * Stands between a worker and every effect it has: runs it sooner or later, not at all, with a failure before or after,
 * or never returns because the worker is dead.
 */
export type Gate = <T>(name: string, effect: () => T) => Promise<T>;

export const OPEN_GATE: Gate = async (_name, effect) => effect();

export interface World {
  readonly store: MemoryStore;
  readonly now: () => number;
  readonly send: (messages: readonly WorkMessage[], delaySeconds: number) => void;
}

/** The pipeline's ports over a world in memory, every call of them through a gate. */
export function contextOver(
  { store, now, send }: World,
  gate: Gate = OPEN_GATE,
  settings: Partial<PipelineSettings> = {},
): PipelineContext {
  const bytesOf = (object: ObjectVersion): Uint8Array => {
    const found = store.find(object);
    if (found === null) throw new Error(`NoSuchKey: ${object.key}`);
    return found.bytes;
  };
  return {
    settings: { ...DEFAULT_SETTINGS, ...settings },
    clock: { now },
    jobs: {
      create: (job, events) => gate('create', () => store.create(job, events)),
      get: (ref) => gate('get', () => store.get(ref)),
      replace: (job, events) => gate('replace', () => store.replace(job, events)),
      append: (ref, event) => gate('append', () => store.append(ref, event)),
      commit: (set, member, value) => gate('commit', () => store.commit(set, member, value)),
      hasCommitted: (set, member) => gate('hasCommitted', () => store.set(set).has(member)),
      commits: (set) => gate('commits', () => new Map(store.set(set))),
      list: (query) => gate('list', () => store.list(query)),
      events: (ref, query) => gate('events', () => store.listEvents(ref, query)),
      listStale: (watch, before, limit) => gate('listStale', () => store.listStale(watch, before, limit)),
    },
    objects: {
      head: (key, versionId) => gate('head', () => store.find({ key, versionId })?.info ?? null),
      source: (object) => gatedSource(bytesOf(object), gate),
      read: (object, { start, end }) => gate('read', () => bytesOf(object).slice(start, end)),
      get: (key) => gate('getObject', () => store.find({ key, versionId: null })?.bytes ?? null),
      stream: (object) => gatedStream(object, bytesOf, gate),
      async putIfAbsent(key, body) {
        const bytes = body instanceof Uint8Array ? body : await collect(body);
        return gate('put', () => store.putIfAbsent(key, bytes));
      },
    },
    queue: { send: (messages, delaySeconds = 0) => gate('send', () => send(messages, delaySeconds)) },
    rates: { take: (tenant, name, rate) => gate('take', () => store.take(tenant, name, rate, now())) },
    inFlight: {
      enter: (job, bytes, limits) => gate('enter', () => store.inFlight.enter(job, bytes, limits, now())),
      leave: (job) => gate('leave', () => store.inFlight.leave(job)),
    },
    // No job of a simulation is about a history.
    histories: { export: () => gate('export', () => 'stale') },
    results: {
      load: (run) => gate('load', () => store.load(run)),
      join: (run) => gate('join', () => store.join(run)),
    },
    webhooks: {
      list: (tenant) => gate('webhooks', () => store.webhooks.list(tenant)),
      addDelivery: (delivery) => gate('addDelivery', () => store.webhooks.add(delivery)),
    },
    deliveries: { send: (message) => gate('sendDelivery', () => store.webhooks.send(message)) },
    alerts: { jobFailed: (failure) => gate('alert', () => void store.failures.push(failure)) },
    metrics: {
      count: (name, value = 1) => void store.counts.set(name, (store.counts.get(name) ?? 0) + value),
      seconds: (name) => void store.counts.set(name, (store.counts.get(name) ?? 0) + 1),
    },
  };
}

function gatedSource(bytes: Uint8Array, gate: Gate) {
  const source = memorySource(bytes);
  return {
    bytes,
    size: source.size,
    open(offset: number) {
      const reader = source.open(offset);
      let opened = false;
      return {
        async read(target: Uint8Array) {
          // One call to the store a reader: it is the request that fails, not each piece of its answer.
          if (!opened) await gate('open', () => undefined);
          opened = true;
          return reader.read(target);
        },
      };
    },
  };
}

async function* gatedStream(
  object: ObjectVersion,
  bytesOf: (object: ObjectVersion) => Uint8Array,
  gate: Gate,
) {
  yield await gate('stream', () => bytesOf(object));
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}
