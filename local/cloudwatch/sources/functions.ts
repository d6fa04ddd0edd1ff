import type { InvocationMeter } from '../../lambda/invocation-meter.ts';
import type { Timeline } from '../../timeline.ts';
import type { Metric, MetricStore } from '../metrics.ts';

type Dimensions = Metric['dimensions'];

/**
 * Counts invocations of a function as `AWS/Lambda`, by its name and by what it was called by. They run in real time: how
 * long they take is told in time of the timeline, like the age of messages that wait for them, so that the one tells when
 * the others will be done.
 */
export class FunctionMeter implements InvocationMeter {
  readonly #store: MetricStore;
  readonly #name: string;
  readonly #speed: number;
  readonly #running = new Map<string, number>();
  readonly #dimensions = new Map<string, readonly Dimensions[]>();

  constructor(store: MetricStore, functionName: string, { speed }: Timeline) {
    this.#store = store;
    this.#name = functionName;
    this.#speed = speed;
  }

  started(arn: string): void {
    const running = (this.#running.get(arn) ?? 0) + 1;
    this.#running.set(arn, running);
    const all = [...this.#running.values()].reduce((total, one) => total + one, 0);
    const [ofFunction, ofResource] = this.#dimensionsOf(arn);
    this.#record('ConcurrentExecutions', all, ofFunction);
    this.#record('ConcurrentExecutions', running, ofResource);
  }

  ended(arn: string, { milliseconds, succeeded }: { milliseconds: number; succeeded: boolean }): void {
    this.#running.set(arn, (this.#running.get(arn) ?? 1) - 1);
    for (const dimensions of this.#dimensionsOf(arn)) {
      this.#record('Invocations', 1, dimensions);
      this.#record('Errors', succeeded ? 0 : 1, dimensions);
      this.#record('Duration', milliseconds * this.#speed, dimensions);
      this.#record('Throttles', 0, dimensions);
    }
  }

  throttled(arn: string): void {
    for (const dimensions of this.#dimensionsOf(arn)) this.#record('Throttles', 1, dimensions);
  }

  #record(name: string, value: number, dimensions: Dimensions | undefined): void {
    if (dimensions !== undefined) this.#store.record({ namespace: 'AWS/Lambda', name, dimensions, value });
  }

  /** Of the function, and of the version or alias that was called. */
  #dimensionsOf(arn: string): readonly Dimensions[] {
    const known = this.#dimensions.get(arn);
    if (known !== undefined) return known;
    const [, qualifier] = /:function:[^:]+:(.+)$/.exec(arn) ?? [];
    const FunctionName = this.#name;
    const Resource = qualifier === undefined ? FunctionName : `${FunctionName}:${qualifier}`;
    const dimensions = [{ FunctionName }, { FunctionName, Resource }];
    this.#dimensions.set(arn, dimensions);
    return dimensions;
  }
}
