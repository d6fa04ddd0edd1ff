import type { AlarmDefinition } from './definition.ts';

/** Which alarms act when their states change. */
export class ActionSwitches {
  readonly #known: ReadonlySet<string>;
  /** Names of alarms that do nothing. */
  readonly #off: Set<string>;

  constructor(alarms: readonly AlarmDefinition[]) {
    this.#known = new Set(alarms.map(({ name }) => name));
    this.#off = new Set(alarms.flatMap(({ name, actionsEnabled }) => (actionsEnabled ? [] : name)));
  }

  isOn(name: string): boolean {
    return !this.#off.has(name);
  }

  /** Switches the actions of alarms from now on; names of none are ignored, as on AWS. */
  set(names: readonly string[], isOn: boolean): void {
    for (const name of names) {
      if (isOn) this.#off.delete(name);
      else if (this.#known.has(name)) this.#off.add(name);
    }
  }
}
