import { createDeliveries } from './runtime/deliveries.ts';
import { deliveryHandler } from './runtime/delivery-handler.ts';

/** Takes the queue of webhook deliveries: makes the attempts that are due, and waits on with the others. */
export const handler = deliveryHandler(() => createDeliveries());
