import type { DeliverMessage, Delivery, Webhook } from '../../lambdas/contracts/webhook.ts';
import { EVENT_TYPES } from '../../lambdas/domain/webhooks/events.ts';

const WEBHOOK_ID = 'wh_01KE0000000000000000000000';

/** A webhook of every tenant that wants to know everything, and what is on its way there, in memory. */
export class MemoryWebhooks {
  readonly deliveries = new Map<string, Delivery>();
  /** How often each delivery was sent. */
  readonly sent = new Map<string, number>();

  list(tenant: string): Webhook[] {
    return [
      {
        id: WEBHOOK_ID,
        tenant,
        revision: 1,
        url: 'https://hooks.example.com/',
        description: '',
        events: [...EVENT_TYPES],
        secret: 'whsec_',
        previous: null,
        createdAt: '2026-01-01T00:00:00.000Z',
        disabled: null,
      },
    ];
  }

  add(delivery: Delivery): 'created' | 'exists' {
    if (this.deliveries.has(delivery.id)) return 'exists';
    this.deliveries.set(delivery.id, delivery);
    return 'created';
  }

  send({ deliveryId }: DeliverMessage): void {
    if (!this.deliveries.has(deliveryId)) throw new Error(`There is no delivery ${deliveryId} to send.`);
    this.sent.set(deliveryId, (this.sent.get(deliveryId) ?? 0) + 1);
  }

  /** What receivers were told, each event once, as they read it. */
  get told(): {
    readonly type: string;
    readonly timestamp: string;
    readonly data: Record<string, unknown>;
  }[] {
    const sent = [...this.deliveries.values()].filter(({ id }) => this.sent.has(id));
    return sent.map(({ body }) => JSON.parse(body));
  }
}
