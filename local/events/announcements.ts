import { bucketArn } from '../assembly/identity.ts';
import { isJsonObject, jsonObjectSchema } from '../assembly/json.ts';
import type { ObjectStore } from '../s3/store.ts';
import { type EventRouter, objectCreatedEvent } from './router.ts';

const RETRY_MS = 1000;

/**
 * Carries what S3 announces to the router. An announcement is forgotten only when it is delivered, so that an upload
 * whose event was not yet out when the local cloud stopped is heard of at the next start.
 */
export class Announcements {
  readonly #store: ObjectStore;
  readonly #router: EventRouter;
  readonly #log: (line: string) => void;
  #draining: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(store: ObjectStore, router: EventRouter, log: (line: string) => void) {
    this.#store = store;
    this.#router = router;
    this.#log = log;
  }

  start(): void {
    this.#store.onAnnouncement = () => this.#wake();
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#store.onAnnouncement = () => undefined;
    await this.#draining;
  }

  #wake(): void {
    this.#again = true;
    if (this.#stopped) return;
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined;
      if (this.#again) this.#wake();
    });
  }

  async #drain(): Promise<void> {
    this.#again = false;
    for (;;) {
      const announcements = this.#store.announcements();
      if (announcements.length === 0) return;
      for (const announcement of announcements) {
        if (this.#stopped) return;
        const detail = jsonObjectSchema.parse(JSON.parse(announcement.detail));
        const bucket = isJsonObject(detail['bucket']) ? String(detail['bucket']['name']) : '';
        try {
          await this.#router.put(objectCreatedEvent(bucketArn(bucket), detail));
        } catch (error) {
          this.#log(`An event of ${bucket} could not be delivered and is tried again: ${error}`);
          setTimeout(() => this.#wake(), RETRY_MS).unref();
          return;
        }
        this.#store.forget(announcement);
      }
    }
  }
}
