import type { Timeline } from '../../timeline.ts';
import type { MetricDatum, MetricStore } from '../metrics.ts';

/** Tells how something is at the moment. */
export type Source = () => Promise<readonly MetricDatum[]>;

const SAMPLE_MS = 10_000;
/** However fast the timeline is, looking costs real processor time. */
const LEAST_REAL_MS = 500;

/** Asks sources how they are, some times a minute. */
export class Collector {
  readonly #timeline: Timeline;
  readonly #store: MetricStore;
  readonly #sources: readonly Source[];
  readonly #log: (line: string) => void;
  #cancel: () => void = () => undefined;
  #collecting: Promise<void> | undefined;
  #stopped = false;

  constructor(
    { timeline, store }: { readonly timeline: Timeline; readonly store: MetricStore },
    sources: readonly Source[],
    log: (line: string) => void,
  ) {
    this.#timeline = timeline;
    this.#store = store;
    this.#sources = sources;
    this.#log = log;
  }

  start(): void {
    this.#collecting = this.collect().then(() => {
      this.#collecting = undefined;
      if (this.#stopped) return;
      const { speed } = this.#timeline;
      this.#cancel = this.#timeline.after(Math.max(SAMPLE_MS, LEAST_REAL_MS * speed), () => this.start());
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#collecting;
  }

  /** Asks each once. What does not answer has no metrics, as on AWS. */
  async collect(): Promise<void> {
    const answers = await Promise.allSettled(this.#sources.map((source) => source()));
    for (const answer of answers) {
      if (answer.status === 'rejected') this.#log(`Metrics are missing: ${answer.reason}`);
      else for (const datum of answer.value) this.#store.record(datum);
    }
  }
}
