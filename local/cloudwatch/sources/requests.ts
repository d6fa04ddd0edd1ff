import type { Timeline } from '../../timeline.ts';
import type { MetricStore } from '../metrics.ts';

/** A request that API Gateway has answered. */
export interface AnsweredRequest {
  readonly stage: string;
  readonly status: number;
  readonly milliseconds: number;
}

/**
 * Counts requests to an API as `AWS/ApiGateway`, by its name, and by name and stage. How long they take is told in time
 * of the timeline, as of functions.
 */
export function requestMeter(
  store: MetricStore,
  ApiName: string,
  { speed }: Timeline,
): (answered: AnsweredRequest) => void {
  const namespace = 'AWS/ApiGateway';
  return ({ stage, status, milliseconds }) => {
    for (const dimensions of [{ ApiName }, { ApiName, Stage: stage }]) {
      store.record({ namespace, name: 'Count', dimensions, value: 1 });
      store.record({ namespace, name: '4XXError', dimensions, value: status >= 400 && status < 500 ? 1 : 0 });
      store.record({ namespace, name: '5XXError', dimensions, value: status >= 500 ? 1 : 0 });
      store.record({ namespace, name: 'Latency', dimensions, value: milliseconds * speed });
    }
  };
}
