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

/** Event source mappings as Lambda has them, by the names of their queues. */
export class Mappings {
  readonly #mappings: Map<string, Mapping>;
  readonly #slowness: number;

  /** @param slowness times that a mapping is asked for until a change is made */
  constructor(caps: WorkerCaps, slowness: number) {
    this.#mappings = new Map(Object.entries(caps).map(([name, cap]) => [name, { cap, changing: 0 }]));
    this.#slowness = slowness;
  }

  get caps(): WorkerCaps {
    return Object.fromEntries([...this.#mappings].map(([name, { cap }]) => [name, cap]));
  }

  /**
   * Who calls in a run, later than all that was being changed by another.
   *
   * @param faults of its calls, one after the other; then all is well
   * @returns with `killed`, which rejects when the function is ended: no call does anything after that
   */
  begin(faults: readonly (Fault | null)[]): {
    readonly client: LambdaClient;
    readonly killed: Promise<never>;
  } {
    for (const mapping of this.#mappings.values()) mapping.changing = 0;
    const left = [...faults];
    const ended = Promise.withResolvers<never>();
    let isEnded = false;
    const handle = async (request: Request) => {
      const fault = left.shift() ?? null;
      isEnded ||= fault === 'killed';
      if (isEnded) {
        ended.reject(new Error('killed'));
        return new Promise<never>(() => undefined);
      }
      return { response: this.#answer(request, fault) };
    };
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const settings = { region: 'eu-west-2', credentials, maxAttempts: 1, requestHandler: { handle } };
    return { client: new LambdaClient(settings), killed: ended.promise };
  }

  #answer({ method, path, body }: Request, fault: Fault | null): HttpResponse {
    if (fault === 'refused') return answer(429, {});
    const mapping = this.#mappings.get(path.split('/').at(-1)!)!;
    if (method === 'PUT') {
      if (mapping.changing > 0) return answer(400, {});
      mapping.cap = JSON.parse(new TextDecoder().decode(body)).ScalingConfig.MaximumConcurrency;
      mapping.changing = this.#slowness;
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
