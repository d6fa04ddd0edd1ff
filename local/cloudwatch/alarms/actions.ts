import type { AlarmStateChange } from './state-change.ts';

export type AlarmAction = (change: AlarmStateChange) => Promise<void>;
/** Finds the action that an ARN stands for; undefined when it is another service's. */
export type ActionResolver = (arn: string) => AlarmAction | undefined;

/** What alarms can do, by the ARN that they name it with. */
export class AlarmActions {
  readonly #registered = new Map<string, AlarmAction>();
  readonly #resolvers: ActionResolver[] = [];

  /** Lets alarms name one action more. */
  registerAction(arn: string, action: AlarmAction): void {
    this.#registered.set(arn, action);
  }

  /** Lets alarms name what a service has. */
  registerResolver(resolver: ActionResolver): void {
    this.#resolvers.push(resolver);
  }

  /** Does what an ARN stands for; a failure is logged, and none of the alarm's. */
  async act(arn: string, change: AlarmStateChange, log: (line: string) => void): Promise<void> {
    try {
      await this.find(arn)?.(change);
    } catch (error) {
      const reason = error instanceof Error ? error.message : error;
      log(`${change.alarm.name} could not act on ${arn}: ${reason}`);
    }
  }

  find(arn: string): AlarmAction | undefined {
    const registered = this.#registered.get(arn);
    if (registered !== undefined) return registered;
    for (const resolver of this.#resolvers) {
      const action = resolver(arn);
      if (action !== undefined) return action;
    }
    return undefined;
  }
}

/** Whether an action is repeated each minute of an alarm, as those of Auto Scaling are; others are for transitions. */
export function isRepeated(arn: string): boolean {
  return /^arn:[^:]*:autoscaling:/.test(arn);
}
