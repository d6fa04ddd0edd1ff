import { Readable } from 'node:stream';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { HttpResponse } from '@smithy/core/protocols';
import type { WorkerCaps } from '../../lambdas/domain/capacity/worker-caps.ts';

/** What becomes of a call: it is refused, done without an answer, or Lambda ends the function over it. */
export type Fault = 'refused' | 'lost' | 'killed';

interface Mapping {
  cap: number;
  /** Times that it is still asked for while the last change is being made. */
  changing: number;
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: Uint8Array;
}

/** Event source mappings as Lambda has them, by the names of their queues, and calls that go wrong. */
export class Mappings {
  /** Of the calls to come, one after the other; then all is well. */
  faults: (Fault | null)[] = [];
  /** Rejects when the function is ended. No call does anything after that. */
  ended = Promise.withResolvers<never>();
  readonly client: LambdaClient;
  readonly #mappings: Map<string, Mapping>;
  #isEnded = false;

  /** @param slowness times that a mapping is asked for until a change is made */
  constructor(caps: WorkerCaps, slowness: number) {
    this.#mappings = new Map(Object.entries(caps).map(([name, cap]) => [name, { cap, changing: 0 }]));
    this.client = new LambdaClient({
      region: 'eu-west-2',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      requestHandler: {
        handle: async (request: Request) => ({ response: await this.#handle(request, slowness) }),
      },
    });
  }

  get caps(): WorkerCaps {
    return Object.fromEntries([...this.#mappings].map(([name, { cap }]) => [name, cap]));
  }

  /** Another run begins, later: all that was being changed is. */
  start(faults: readonly (Fault | null)[]): void {
    this.faults = [...faults];
    this.ended = Promise.withResolvers();
    this.ended.promise.catch(() => undefined);
    this.#isEnded = false;
    for (const mapping of this.#mappings.values()) mapping.changing = 0;
  }

  async #handle({ method, path, body = Buffer.of() }: Request, slowness: number): Promise<HttpResponse> {
    const fault = this.faults.shift();
    if (this.#isEnded || fault === 'killed') {
      this.#isEnded = true;
      this.ended.reject(new Error('killed'));
      return new Promise(() => undefined);
    }
    const mapping = this.#mappings.get(path.split('/').at(-1)!)!;
    if (fault === 'refused') return answer(429, {});
    if (method === 'PUT') {
      if (mapping.changing > 0) return answer(400, {});
      mapping.cap = JSON.parse(new TextDecoder().decode(body)).ScalingConfig.MaximumConcurrency;
      mapping.changing = slowness;
    } else mapping.changing = Math.max(0, mapping.changing - 1);
    return fault === 'lost' ? answer(500, {}) : answer(200, described(mapping));
  }
}

function described({ cap, changing }: Mapping) {
  return {
    State: changing > 0 ? 'Updating' : 'Enabled',
    ScalingConfig: { MaximumConcurrency: cap },
  };
}

function answer(statusCode: number, body: object): HttpResponse {
  const headers = { 'content-type': 'application/json' };
  return new HttpResponse({ statusCode, headers, body: Readable.from([Buffer.from(JSON.stringify(body))]) });
}
