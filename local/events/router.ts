import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ACCOUNT, REGION } from '../account.ts';
import type { DeployedResource } from '../assembly/deployment.ts';
import { type JsonObject, jsonObjectSchema } from '../assembly/json.ts';
import type { Authoriser } from '../iam/authoriser.ts';
import type { Timeline } from '../timeline.ts';
import { compilePattern, type EventPattern } from './pattern.ts';
import { parseSchedule, type Schedule } from './schedule.ts';
import {
  type Delivery,
  ruleSource,
  type Source,
  scheduleSource,
  type Target,
  targetSchema,
} from './targets.ts';

const ruleSchema = z.looseObject({
  EventPattern: jsonObjectSchema.optional(),
  ScheduleExpression: z.string().optional(),
  State: z.string().default('ENABLED'),
  Targets: z.array(targetSchema).default([]),
});

const scheduleSchema = z.looseObject({
  ScheduleExpression: z.string(),
  State: z.string().default('ENABLED'),
  Target: targetSchema.extend({ RoleArn: z.string() }),
});

interface Rule {
  readonly pattern: EventPattern;
  readonly targets: readonly Target[];
  readonly source: Source;
}

export interface EventRouterOptions {
  readonly delivery: Delivery;
  readonly authoriser: Authoriser;
  /** What schedules go by. */
  readonly timeline: Timeline;
  readonly log: (line: string) => void;
}

/** The default event bus: hands events to the targets of the rules they match, and runs schedules. */
export class EventRouter {
  readonly #delivery: Delivery;
  readonly #authoriser: Authoriser;
  readonly #log: (line: string) => void;
  readonly #rules: Rule[] = [];
  readonly #schedules: { readonly schedule: Schedule; readonly run: () => Promise<void> }[] = [];
  readonly #timeline: Timeline;
  readonly #timers = new Set<() => void>();

  constructor({ delivery, authoriser, timeline, log }: EventRouterOptions) {
    this.#delivery = delivery;
    this.#authoriser = authoriser;
    this.#timeline = timeline;
    this.#log = log;
  }

  /**
   * Adds a rule of the template, by pattern, by schedule or both.
   *
   * @returns its targets that are not imitated, one line each
   * @throws Error when its pattern or schedule is not imitated
   */
  addRule({ identity, properties, logicalId }: DeployedResource): string[] {
    const { EventPattern, ScheduleExpression, State, Targets } = ruleSchema.parse(properties);
    if (State !== 'ENABLED') return [];
    const source = ruleSource(identity.attributes?.['Arn'] ?? '', this.#authoriser);
    if (EventPattern !== undefined) {
      this.#rules.push({ pattern: compilePattern(EventPattern), targets: Targets, source });
    }
    if (ScheduleExpression !== undefined) {
      const run = () => this.#deliver(scheduledEvent(source.arn, this.#timeline.now()), Targets, source);
      this.#schedules.push({ schedule: parseSchedule(ScheduleExpression), run });
    }
    return Targets.filter((target) => !this.#delivery.knows(target)).map(
      ({ Arn }) => `${logicalId}: the target ${Arn}`,
    );
  }

  /** Adds a schedule of EventBridge Scheduler. @throws Error when its expression is not imitated */
  addSchedule({ identity, properties }: DeployedResource): string[] {
    const { ScheduleExpression, State, Target } = scheduleSchema.parse(properties);
    if (State !== 'ENABLED') return [];
    const role = Target.RoleArn.split('/').at(-1) ?? '';
    const source = scheduleSource(identity.attributes?.['Arn'] ?? '', role, this.#authoriser);
    // Scheduler hands on its Input and nothing of an event.
    const target = { ...Target, Input: Target.Input ?? '{}' };
    const run = () => this.#deliver({}, [target], source);
    this.#schedules.push({ schedule: parseSchedule(ScheduleExpression), run });
    return this.#delivery.knows(Target) ? [] : [`${identity.name}: the target ${Target.Arn}`];
  }

  /** @throws Error when a target that could not be reached may be reached later */
  async put(event: JsonObject): Promise<void> {
    for (const { pattern, targets, source } of this.#rules) {
      if (pattern(event)) await this.#deliver(event, targets, source);
    }
  }

  startSchedules(): void {
    for (const { schedule, run } of this.#schedules) this.#plan(schedule, run, this.#timeline.now());
  }

  stop(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  async #deliver(event: JsonObject, targets: readonly Target[], source: Source): Promise<void> {
    for (const target of targets) await this.#delivery.deliver(event, target, source);
  }

  #plan(schedule: Schedule, run: () => Promise<void>, after: number): void {
    const next = schedule(after);
    if (next === undefined) return;
    const cancel = this.#timeline.after(next - this.#timeline.now(), () => {
      this.#timers.delete(cancel);
      run().catch((error: unknown) => this.#log(`A schedule failed: ${error}`));
      this.#plan(schedule, run, next);
    });
    this.#timers.add(cancel);
  }
}

function scheduledEvent(ruleArn: string, time: number): JsonObject {
  return { ...envelope('aws.events', 'Scheduled Event', [ruleArn], time), detail: {} };
}

/** The event S3 sends for what it announces. */
export function objectCreatedEvent(bucketArn: string, detail: JsonObject): JsonObject {
  return { ...envelope('aws.s3', 'Object Created', [bucketArn], Date.now()), detail };
}

function envelope(source: string, detailType: string, resources: string[], time: number): JsonObject {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source,
    account: ACCOUNT,
    time: `${new Date(time).toISOString().slice(0, 19)}Z`,
    region: REGION,
    resources,
  };
}
