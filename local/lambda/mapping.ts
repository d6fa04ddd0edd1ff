import { functionArn, mappingArn } from '../account.ts';
import type { JsonObject } from '../assembly/json.ts';
import { AwsError } from '../auth/errors.ts';
import type { Timeline } from '../timeline.ts';
import { type EventSource, type MappingSettings, settingsInWords } from './event-source.ts';
import { updatedSettings } from './mapping-update.ts';
import type { QueuePoller } from './queue-poller.ts';

export interface MappingOptions {
  readonly uuid: string;
  readonly source: EventSource;
  readonly poller: QueuePoller;
  /** Of its function. */
  readonly reservedConcurrency: number | undefined;
  readonly timeline: Timeline;
}

/** What a mapping may do at a time, and does. */
export interface MappingLoad {
  readonly uuid: string;
  readonly functionArn: string;
  readonly queueArn: string;
  /** Most batches at a time. */
  readonly cap: number;
  /** Batches that the function has, or that wait for an environment of it. */
  readonly inFlight: number;
}

/** AWS names no time. */
const UPDATE_MS = 5000;

/**
 * An event source mapping and what Lambda's API can do with it. What is changed counts at once; the next start begins with
 * the template again, as a deployment would.
 */
export class EventSourceMapping {
  readonly uuid: string;
  readonly arn: string;
  readonly functionArn: string;
  readonly queueArn: string;
  readonly #options: MappingOptions;
  #settings: MappingSettings;
  #modifiedAt: number;
  #transition: 'Updating' | 'Enabling' | 'Disabling' | undefined;
  #cancel: () => void = () => undefined;

  constructor(options: MappingOptions) {
    const { uuid, source, timeline } = options;
    this.#options = options;
    this.uuid = uuid;
    this.arn = mappingArn(uuid);
    this.functionArn = functionArn(source.functionName);
    this.queueArn = source.queueArn;
    this.#settings = source.settings;
    this.#modifiedAt = timeline.now();
  }

  get load(): MappingLoad {
    const { uuid, functionArn, queueArn } = this;
    const { cap, inFlight } = this.#options.poller;
    return { uuid, functionArn, queueArn, cap, inFlight };
  }

  start(): void {
    this.#options.poller.start();
  }

  stop(): void {
    this.#cancel();
    this.#options.poller.stop();
  }

  /** After `stop`, and once whatever it waits for is closed. */
  async ended(): Promise<void> {
    await this.#options.poller.ended();
  }

  /** As Lambda's API describes it. */
  describe(): object {
    return {
      UUID: this.uuid,
      EventSourceMappingArn: this.arn,
      EventSourceArn: this.queueArn,
      FunctionArn: this.functionArn,
      ...settingsInWords(this.#settings),
      State: this.#transition ?? (this.#settings.enabled ? 'Enabled' : 'Disabled'),
      StateTransitionReason: 'USER_INITIATED',
      LastModified: this.#modifiedAt / 1000,
    };
  }

  /**
   * @param request body of `UpdateEventSourceMapping`
   * @throws AwsError 400 when it is not valid or an update is under way
   */
  update({ FunctionName, ...request }: JsonObject): void {
    const { poller, reservedConcurrency, timeline } = this.#options;
    if (this.#transition !== undefined) {
      throw new AwsError(
        400,
        'ResourceInUseException',
        'Cannot update the event source mapping because it is in use.',
      );
    }
    if (FunctionName !== undefined && functionArn(String(FunctionName)) !== this.functionArn)
      throw new AwsError(501, 'NotImplemented', 'A mapping keeps its function here.');
    const settings = updatedSettings(this.#settings, request, reservedConcurrency);
    this.#transition = transitionOf(this.#settings.enabled, settings.enabled);
    this.#settings = settings;
    this.#modifiedAt = timeline.now();
    poller.configure(settings);
    this.#cancel = timeline.after(UPDATE_MS, () => {
      this.#transition = undefined;
    });
  }
}

function transitionOf(before: boolean, after: boolean): 'Updating' | 'Enabling' | 'Disabling' {
  if (before === after) return 'Updating';
  return after ? 'Enabling' : 'Disabling';
}
