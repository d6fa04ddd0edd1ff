import type { AlarmState } from './judge.ts';
import type { AlarmStateChange } from './state-change.ts';

export interface SuppressionSettings {
  /** Name of the alarm that holds the actions back while it is ringing. */
  readonly suppressor: string;
  /** How long actions wait for it to ring, in seconds. */
  readonly waitSeconds: number;
  /** How long actions wait after it rang, for the composite alarm to end as well. */
  readonly extensionSeconds: number;
}

/** Holds the actions of a composite alarm back, while and around the time that another alarm is ringing. */
export class Suppression {
  readonly settings: SuppressionSettings;
  /** The state that others were last told. */
  #told: AlarmState = 'INSUFFICIENT_DATA';
  #pending: AlarmStateChange | undefined;
  #suppressing = false;
  #endedAt = Number.NEGATIVE_INFINITY;

  constructor(settings: SuppressionSettings) {
    this.settings = settings;
  }

  /** Takes a change of the composite alarm, instead of acting on it. */
  hold(change: AlarmStateChange): void {
    this.#pending = change;
  }

  /**
   * @param suppressor state of the other alarm
   * @param now milliseconds of the timeline
   * @returns the change to act on now, if there is one
   */
  release(suppressor: AlarmState, now: number): AlarmStateChange | undefined {
    const { waitSeconds, extensionSeconds } = this.settings;
    if (this.#suppressing && suppressor !== 'ALARM') this.#endedAt = now;
    this.#suppressing = suppressor === 'ALARM';
    const change = this.#pending;
    // What is over before anybody heard of it is not told.
    if (change === undefined || change.state.value === this.#told) return undefined;
    if (this.#suppressing || now < this.#endedAt + extensionSeconds * 1000) return undefined;
    if (now < change.time + waitSeconds * 1000) return undefined;
    this.#pending = undefined;
    this.#told = change.state.value;
    return change;
  }
}
