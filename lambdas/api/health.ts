import { ENGINE_VERSION } from '../domain/version.ts';
import type { ApiResponse } from '../http/exchange.ts';
import type { ControlServices } from './services.ts';

/** Whether the API answers. It looks at nothing but the clock, so that a store that is down does not take it along. */
export async function getHealth({ clock }: Pick<ControlServices, 'clock'>): Promise<ApiResponse> {
  return {
    status: 200,
    headers: { 'Cache-Control': 'no-store' },
    body: { status: 'ok', version: ENGINE_VERSION, time: new Date(clock.now()).toISOString() },
  };
}
