import { randomUUID } from 'node:crypto';
import type { Timeline } from '../timeline.ts';
import type { ScalableCapacity } from './capacity.ts';

/** A change of capacity, or an attempt at one. Times are milliseconds of the timeline. */
export interface ScalingActivity {
  readonly id: string;
  readonly resourceId: string;
  readonly dimension: string;
  readonly from: number;
  readonly to: number;
  readonly cause: string;
  /** Name of the alarm that rang; undefined when a capacity was out of its bounds. */
  readonly alarm: string | undefined;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly status: 'InProgress' | 'Successful' | 'Failed';
  readonly message: string;
}

/** What a policy wants of a target. */
export interface Wish {
  /**
   * The capacity wanted, counted from the one given; undefined when none is. Within a cooldown that is the one from before
   * it, so that what was added then is part of what is added now.
   */
  readonly capacityFrom: (current: number) => number | undefined;
  /** Milliseconds that the change is given to take effect. */
  readonly cooldownMs: number;
  readonly cause: string;
  /** Name of the alarm that rings. */
  readonly alarm: string;
  /** Milliseconds of the timeline before which the data is that it is wished by. */
  readonly seenAt: number;
}

export interface TargetOptions {
  readonly capacity: ScalableCapacity;
  readonly min: number;
  readonly max: number;
  readonly timeline: Timeline;
  /** Told every activity, when it begins and when it ends. */
  readonly onActivity: (activity: ScalingActivity) => void;
}

/** Data is a minute's, and a little later than that. */
const DATA_MS = 70_000;
const KEPT_ACTIVITIES = 100;

/** A capacity that policies move between bounds: one change at a time, and with time between them. */
export class ScalableTarget {
  readonly min: number;
  readonly max: number;
  readonly #options: TargetOptions;
  readonly #activities: ScalingActivity[] = [];
  #isChanging = false;
  #changedAt = Number.NEGATIVE_INFINITY;
  #cooldown: { readonly from: number; readonly direction: 'out' | 'in'; readonly until: number } | undefined;

  constructor(options: TargetOptions) {
    this.#options = options;
    this.min = options.min;
    this.max = options.max;
  }

  get resourceId(): string {
    return this.#options.capacity.resourceId;
  }

  get dimension(): string {
    return this.#options.capacity.dimension;
  }

  get capacity(): number {
    return this.#options.capacity.capacity;
  }

  /** The newest first. */
  get activities(): readonly ScalingActivity[] {
    return this.#activities.toReversed();
  }

  /** Brings the capacity between the bounds, as registering a target does. */
  async register(): Promise<void> {
    const wanted = Math.min(Math.max(this.capacity, this.min), this.max);
    if (wanted !== this.capacity)
      await this.#change(wanted, { cause: 'it was out of its bounds', alarm: undefined });
  }

  /** Does what a policy wants, as far as bounds and cooldowns let it. @returns whether anything was changed */
  async scale(wish: Wish): Promise<boolean> {
    const now = this.#options.timeline.now();
    const cooldown = this.#cooldown !== undefined && now < this.#cooldown.until ? this.#cooldown : undefined;
    // What was measured before a change was there says nothing of it.
    if (this.#isChanging || wish.seenAt - DATA_MS < this.#changedAt) return false;
    const { capacity } = this;
    const direction = (wish.capacityFrom(capacity) ?? capacity) > capacity ? 'out' : 'in';
    // Out ends the cooldown of an in; in waits for any.
    if (direction === 'in' && cooldown !== undefined) return false;
    const from = cooldown?.direction === 'out' ? cooldown.from : capacity;
    const to = this.#bounded(wish.capacityFrom(from) ?? from);
    if (direction === 'out' ? to <= capacity : to >= capacity) return false;
    if (wish.cooldownMs > 0) this.#cooldown = { from, direction, until: now + wish.cooldownMs };
    return this.#change(to, wish);
  }

  #bounded(capacity: number): number {
    const { least } = this.#options.capacity;
    return Math.max(Math.min(Math.max(capacity, this.min), this.max), least);
  }

  async #change(to: number, { cause, alarm }: Pick<ScalingActivity, 'cause' | 'alarm'>): Promise<boolean> {
    const { capacity, timeline } = this.#options;
    const begun: ScalingActivity = {
      ...{ id: randomUUID(), resourceId: this.resourceId, dimension: this.dimension },
      ...{ from: capacity.capacity, to, cause, alarm, startedAt: timeline.now(), endedAt: undefined },
      ...{ status: 'InProgress', message: `Setting ${this.dimension} to ${to}.` },
    };
    this.#isChanging = true;
    this.#keep(begun);
    try {
      await capacity.scaleTo(to);
      const message = `Successfully set ${this.dimension} to ${to}.`;
      this.#keep({ ...begun, status: 'Successful', message, endedAt: timeline.now() });
      return true;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#keep({ ...begun, status: 'Failed', message, endedAt: timeline.now() });
      return false;
    } finally {
      this.#isChanging = false;
      this.#changedAt = timeline.now();
    }
  }

  #keep(activity: ScalingActivity): void {
    const known = this.#activities.findIndex(({ id }) => id === activity.id);
    if (known >= 0) this.#activities[known] = activity;
    else this.#activities.push(activity);
    if (this.#activities.length > KEPT_ACTIVITIES) this.#activities.shift();
    this.#options.onActivity(activity);
  }
}
