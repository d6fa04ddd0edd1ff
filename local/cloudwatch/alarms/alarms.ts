import type { Timeline } from '../../timeline.ts';
import { type MetricStore, MINUTE_MS } from '../metrics.ts';
import { minuteOf } from '../queries.ts';
import { ActionSwitches } from './action-switches.ts';
import { type AlarmActions, isRepeated } from './actions.ts';
import type { AlarmDefinition, CompositeAlarm } from './definition.ts';
import { type Evaluation, evaluateAlarm } from './evaluate-alarm.ts';
import type { AlarmState } from './judge.ts';
import { alarmsOf, holds } from './rule.ts';
import type { AlarmStateChange, StateOfAlarm } from './state-change.ts';
import { Suppression } from './suppression.ts';

export interface AlarmsOptions {
  readonly timeline: Timeline;
  readonly store: MetricStore;
  readonly definitions: readonly AlarmDefinition[];
  readonly actions: AlarmActions;
  /** Told every change of a state. */
  readonly onChange: (change: AlarmStateChange) => void;
  /** Told what went wrong with an action or an evaluation. */
  readonly log: (line: string) => void;
}

/** An alarm and how it is now. */
export interface AlarmStatus {
  readonly definition: AlarmDefinition;
  readonly state: StateOfAlarm;
  /** Whether it acts when its state changes. */
  readonly actionsEnabled: boolean;
}

// What belongs to a minute arrives a little after it.
const SETTLING_MS = 10_000;
const HISTORY = 100;

/** The alarms of a deployment: evaluated each minute of the timeline, once all that they look at lies after the start. */
export class Alarms {
  readonly switches: ActionSwitches;
  readonly #options: AlarmsOptions;
  readonly #states = new Map<string, StateOfAlarm>();
  readonly #history: AlarmStateChange[] = [];
  readonly #since: number;
  readonly #suppressions = new Map<string, Suppression>();
  readonly #complained = new Set<string>();
  #cancel: () => void = () => undefined;

  constructor(options: AlarmsOptions) {
    this.#options = options;
    this.#since = options.timeline.now();
    this.switches = new ActionSwitches(options.definitions);
    const state = {
      value: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      since: this.#since,
    } as const;
    for (const alarm of options.definitions) {
      this.#states.set(alarm.name, state);
      if (alarm.kind === 'composite' && alarm.suppression !== undefined)
        this.#suppressions.set(alarm.name, new Suppression(alarm.suppression));
    }
  }

  start(): void {
    const { timeline } = this.#options;
    const next = minuteOf(timeline.now() - SETTLING_MS) + MINUTE_MS;
    this.#cancel = timeline.after(next + SETTLING_MS - timeline.now(), () => {
      this.evaluate(minuteOf(timeline.now() - SETTLING_MS));
      this.start();
    });
  }

  stop(): void {
    this.#cancel();
  }

  /** Evaluates all alarms over what was before a whole minute. */
  evaluate(end: number): void {
    for (const alarm of this.#options.definitions) {
      if (alarm.kind !== 'metric') continue;
      if (end - alarm.evaluationPeriods * alarm.period * 1000 < this.#since) continue;
      const evaluation = this.#evaluate(alarm, end);
      if (evaluation !== undefined) this.#settle(alarm, evaluation);
    }
    this.#evaluateComposites();
  }

  list(): AlarmStatus[] {
    return this.#options.definitions.map((definition) => ({
      definition,
      state: this.#stateOf(definition),
      actionsEnabled: this.switches.isOn(definition.name),
    }));
  }

  /** Changes, the newest last. */
  get history(): readonly AlarmStateChange[] {
    return this.#history;
  }

  /** Sets a state until the next evaluation. @returns whether there is such an alarm */
  set(name: string, state: AlarmState, reason: string): boolean {
    const alarm = this.#options.definitions.find((one) => one.name === name);
    if (alarm === undefined) return false;
    this.#change(alarm, { state, reason, value: undefined });
    this.#evaluateComposites();
    return true;
  }

  #evaluate(alarm: Parameters<typeof evaluateAlarm>[0], end: number): Evaluation | undefined {
    try {
      return evaluateAlarm(alarm, this.#options.store, end);
    } catch (error) {
      // Said once, since it is the same each minute.
      if (!this.#complained.has(alarm.name))
        this.#options.log(
          `${alarm.name} cannot be evaluated: ${error instanceof Error ? error.message : error}`,
        );
      this.#complained.add(alarm.name);
      return undefined;
    }
  }

  /** Composite alarms may be about composite alarms: as often as it takes until none changes. */
  #evaluateComposites(): void {
    const composites = this.#options.definitions.filter((one) => one.kind === 'composite');
    for (let round = 0; round < composites.length; round += 1) {
      const changed = composites.filter((alarm) => this.#settle(alarm, this.#evaluateComposite(alarm)));
      if (changed.length === 0) break;
    }
    for (const suppression of this.#suppressions.values()) {
      const suppressor = this.#states.get(suppression.settings.suppressor)?.value ?? 'INSUFFICIENT_DATA';
      const change = suppression.release(suppressor, this.#options.timeline.now());
      if (change !== undefined) this.#actOn(change);
    }
  }

  #evaluateComposite({ rule }: CompositeAlarm): Evaluation {
    const names = [...new Set(alarmsOf(rule))];
    const stateOf = (name: string): AlarmState => this.#states.get(name)?.value ?? 'INSUFFICIENT_DATA';
    const ringing = names.filter((name) => stateOf(name) === 'ALARM');
    return {
      state: holds(rule, stateOf) ? 'ALARM' : 'OK',
      reason: ringing.length === 0 ? 'No alarm of its rule is ringing.' : `${ringing.join(', ')} is ringing.`,
      value: undefined,
    };
  }

  /** @returns whether the state changed */
  #settle(alarm: AlarmDefinition, evaluation: Evaluation): boolean {
    const before = this.#stateOf(alarm);
    if (evaluation.state !== undefined && evaluation.state !== before.value) {
      this.#change(alarm, { ...evaluation, state: evaluation.state });
      return true;
    }
    if (before.value === 'ALARM' && alarm.kind === 'metric') {
      const change = this.#told(alarm, before, before, evaluation.value);
      for (const arn of alarm.actions.ALARM.filter(isRepeated)) void this.#act(arn, change);
    }
    return false;
  }

  #change(alarm: AlarmDefinition, evaluation: Evaluation & { readonly state: AlarmState }): void {
    const previous = this.#stateOf(alarm);
    const since = this.#options.timeline.now();
    const state = { value: evaluation.state, reason: evaluation.reason, since };
    this.#states.set(alarm.name, state);
    const change = this.#told(alarm, state, previous, evaluation.value);
    this.#history.push(change);
    if (this.#history.length > HISTORY) this.#history.shift();
    this.#options.onChange(change);
    if (state.value === previous.value) return;
    const suppression = this.#suppressions.get(alarm.name);
    if (suppression === undefined) this.#actOn(change);
    else suppression.hold(change);
  }

  #told(
    alarm: AlarmDefinition,
    state: StateOfAlarm,
    previous: StateOfAlarm,
    value: number | undefined,
  ): AlarmStateChange {
    return { alarm, state, previous, value, time: this.#options.timeline.now() };
  }

  #actOn(change: AlarmStateChange): void {
    for (const arn of change.alarm.actions[change.state.value]) void this.#act(arn, change);
  }

  async #act(arn: string, change: AlarmStateChange): Promise<void> {
    const { actions, log } = this.#options;
    if (this.switches.isOn(change.alarm.name)) await actions.act(arn, change, log);
  }

  #stateOf({ name }: AlarmDefinition): StateOfAlarm {
    const state = this.#states.get(name);
    if (state === undefined) throw new Error(`There is no alarm ${name}.`);
    return state;
  }
}
