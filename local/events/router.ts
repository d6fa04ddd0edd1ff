import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ACCOUNT, REGION } from '../account.ts';
import type { DeployedResource } from '../assembly/deployment.ts';
import { type JsonObject, jsonObjectSchema } from '../assembly/json.ts';
import type { Authoriser } from '../iam/authoriser.ts';
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

// Longer than this a timer would fire at once; a schedule further off is set again on the way.
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The default event bus: hands events to the targets of the rules they match, and runs schedules. */
export class EventRouter {
  readonly #delivery: Delivery;
  readonly #authoriser: Authoriser;
  readonly #log: (line: string) => void;
  readonly #rules: Rule[] = [];
  readonly #schedules: { readonly schedule: Schedule; readonly run: () => Promise<void> }[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(delivery: Delivery, authoriser: Authoriser, log: (line: string) => void) {
    this.#delivery = delivery;
    this.#authoriser = authoriser;
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
      const run = () => this.#deliver(scheduledEvent(source.arn), Targets, source);
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
    for (const { schedule, run } of this.#schedules) this.#plan(schedule, run, Date.now());
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  async #deliver(event: JsonObject, targets: readonly Target[], source: Source): Promise<void> {
    for (const target of targets) await this.#delivery.deliver(event, target, source);
  }

  #plan(schedule: Schedule, run: () => Promise<void>, after: number): void {
    const next = schedule(after);
    if (next === undefined) return;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        if (Date.now() < next) {
          this.#plan(schedule, run, after);
          return;
        }
        run().catch((error: unknown) => this.#log(`A schedule failed: ${error}`));
        this.#plan(schedule, run, next);
      },
      Math.min(Math.max(0, next - Date.now()), MAX_TIMER_MS),
    );
    this.#timers.add(timer);
  }
}

function scheduledEvent(ruleArn: string): JsonObject {
  return { ...envelope('aws.events', 'Scheduled Event', [ruleArn]), detail: {} };
}

/** The event S3 sends for what it announces. */
export function objectCreatedEvent(bucketArn: string, detail: JsonObject): JsonObject {
  return { ...envelope('aws.s3', 'Object Created', [bucketArn]), detail };
}

function envelope(source: string, detailType: string, resources: string[]): JsonObject {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source,
    account: ACCOUNT,
    time: `${new Date().toISOString().slice(0, 19)}Z`,
    region: REGION,
    resources,
  };
}
