import { canaryFile } from '../../lambdas/canary/dataset.ts';
import { analyze } from '../../lambdas/domain/analysis.ts';
import { readDataset } from '../../lambdas/domain/input/dataset.ts';
import { resolveParameters } from '../../lambdas/domain/parameters.ts';
import type { AnalysisDocument } from '../../lambdas/domain/report/document.ts';
import type { ApiAnswer, ApiClient } from '../../lambdas/ports/api-client.ts';

/** An API that answers as the engine computes, and remembers what it was asked. */
export class CustomersApi implements ApiClient {
  readonly asked: string[] = [];
  readonly bodies: unknown[] = [];
  sent = '';
  /** States of the job, one for each time that it is asked for; the last for ever. */
  states = ['PENDING', 'PROCESSING', 'SUCCEEDED'];
  /** Instead of what is answered otherwise. */
  change: (path: string, answer: ApiAnswer) => ApiAnswer = (_, answer) => answer;
  /** Lets time pass whenever something is asked. */
  tick: () => void = () => undefined;
  readonly #document: AnalysisDocument;

  constructor(document: AnalysisDocument) {
    this.#document = document;
  }

  async call(method: string, path: string, { body }: { readonly body?: unknown } = {}): Promise<ApiAnswer> {
    this.tick();
    this.asked.push(`${method} ${path}`);
    this.bodies.push(body);
    return this.change(path, this.#answer(`${method} ${path}`));
  }

  async send(url: string, _headers: Readonly<Record<string, string>>, body: Uint8Array): Promise<number> {
    this.asked.push(`PUT ${url}`);
    this.sent = Buffer.from(body).toString();
    return 200;
  }

  #answer(asked: string): ApiAnswer {
    const answer = (status: number, json: unknown): ApiAnswer => ({ status, json, requestId: 'req_1' });
    if (asked.startsWith('DELETE ')) return answer(202, null);
    switch (asked) {
      case 'POST /api/analyze':
      case 'GET /api/jobs/job_1/result.json':
        return answer(200, JSON.parse(JSON.stringify(this.#document)));
      case 'POST /api/datasets': {
        const upload = { kind: 'single', url: 'https://s3.example/file', headers: {} };
        return answer(201, { dataset: { id: 'ds_1' }, job: { id: 'job_1' }, upload });
      }
      case 'GET /api/jobs/job_1':
        return answer(200, { state: this.states.length > 1 ? this.states.shift() : this.states[0] });
      case 'GET /api/jobs/job_1/items':
        return answer(200, { data: this.#document.items.map(summaryOf), total: 2 });
      default:
        return answer(404, { code: 'not_found' });
    }
  }
}

function summaryOf({ id, totals, impact, verdict }: AnalysisDocument['items'][number]) {
  const { fatigueStatus: status, ...rest } = verdict;
  return { id, status, excluded: null, changed: null, ...totals, ...impact, ...rest };
}

/** What the engine finds in the canary's file. */
export async function engineDocument(): Promise<AnalysisDocument> {
  const dataset = await readDataset(ReadableStream.from([Buffer.from(canaryFile())]));
  return analyze({ ...dataset, parameters: resolveParameters({}) });
}
