import type { DeliverMessage, Delivery, Webhook } from '../contracts/webhook.ts';

/** Where webhooks and what is sent to them are kept. All reads see all writes that were answered before. */
export interface WebhookStore {
  /** @throws Error when there is one of the same id */
  create(webhook: Webhook): Promise<void>;
  get(tenant: string, id: string): Promise<Webhook | null>;
  /** All webhooks of a tenant, newest first. */
  list(tenant: string): Promise<readonly Webhook[]>;
  /** Replaces a webhook if its stored revision is still `webhook.revision - 1`. */
  replace(webhook: Webhook): Promise<'replaced' | 'conflict'>;
  /** @returns whether there was one */
  remove(tenant: string, id: string): Promise<boolean>;

  /** Adds a delivery for 30 days; one of the same id stays as it is. */
  addDelivery(delivery: Delivery): Promise<'created' | 'exists'>;
  getDelivery(ref: DeliverMessage): Promise<Delivery | null>;
  /** Replaces a delivery if its stored revision is still `delivery.revision - 1`. */
  replaceDelivery(delivery: Delivery): Promise<'replaced' | 'conflict'>;
  /** Deliveries of a webhook, newest first. @param before id that the list goes on behind; null from the start */
  listDeliveries(
    tenant: string,
    webhookId: string,
    query: { readonly before: string | null; readonly limit: number },
  ): Promise<readonly Delivery[]>;
}
