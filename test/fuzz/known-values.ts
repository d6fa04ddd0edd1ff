import type { Given } from './requests.ts';

const PREFIXES: Readonly<Record<string, string>> = {
  datasetId: 'ds_',
  jobId: 'job_',
  portfolioId: 'pf_',
  webhookId: 'wh_',
  deliveryId: 'whd_',
  tokenId: 'tok_',
  itemKey: 'itm_',
};
const MOST = 30;

/** Ids and cursors that answers had, so that requests can be about something that is there. */
export class KnownValues {
  readonly #values = new Map<string, string[]>();

  /** Takes what is in an answer. Of tokens only those that were made here: revoking another would end the run. */
  learn(operationId: string, answer: unknown): void {
    if (typeof answer === 'string') {
      const found = Object.entries(PREFIXES).find(
        ([, prefix]) => answer.startsWith(prefix) && !answer.includes('/'),
      );
      if (found !== undefined && (found[0] !== 'tokenId' || operationId === 'createToken'))
        this.#add(found[0], answer);
      return;
    }
    if (typeof answer !== 'object' || answer === null) return;
    for (const [name, value] of Object.entries(answer)) {
      if (name === 'next' && typeof value === 'string') this.#add('cursor', value);
      this.learn(operationId, value);
    }
  }

  resolve(name: string, given: Given): string {
    if ('text' in given) return given.text;
    const values = this.#values.get(name) ?? [];
    return values[given.known % Math.max(1, values.length)] ?? given.otherwise;
  }

  #add(name: string, value: string): void {
    const values = this.#values.get(name) ?? [];
    if (values.includes(value)) return;
    this.#values.set(name, [...values, value].slice(-MOST));
  }
}
