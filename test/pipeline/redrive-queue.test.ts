import { describe, expect, it } from 'vitest';
import { parseMessage, type QueueMessage } from '../../lambdas/contracts/messages.ts';
import { redriveQueue } from '../../lambdas/pipeline/redrive-queue.ts';
import type { DeadLetters } from '../../lambdas/ports/dead-letters.ts';
import { named } from '../simulation/datasets.ts';
import { Bench } from './run-pipeline.ts';

const plain = named('plain');

/** The body of a message, as S3 and workers send it. */
function bodyOf(message: QueueMessage): string {
  if (message.type !== 'uploaded') return JSON.stringify(message);
  const { key, versionId, etag, bytes, at } = message;
  const object = { key, etag, size: bytes, ...(versionId === null ? {} : { 'version-id': versionId }) };
  return JSON.stringify({
    source: 'aws.s3',
    'detail-type': 'Object Created',
    time: new Date(at).toISOString(),
    detail: { bucket: { name: 'data' }, object },
  });
}

/** A pipeline whose objects cannot be opened for a while, and its dead letters. */
class Fixture {
  letters: string[] = [];
  #isDown = false;
  readonly bench = new Bench(plain.settings, async (name, effect) => {
    if (this.#isDown && name === 'open') throw new Error('storage is down');
    return effect();
  });

  /** An upload whose every attempt to plan it fails. @returns its event */
  async giveUp(key: string): Promise<QueueMessage> {
    const upload = this.bench.upload(key, plain.bytes);
    await this.bench.drain(() => this.bench.waiting[0]?.message.type === 'plan');
    const { message } = this.bench.waiting.pop() ?? expect.fail('no message');
    this.#isDown = true;
    const { action, job } = await this.bench.handle(message, 4);
    this.#isDown = false;
    expect(action).toBe('dead-letter');
    expect(this.bench.job(job ?? expect.fail('no job')).state).toBe('FAILED');
    this.letters.push(bodyOf(message));
    return upload;
  }

  /** Redrives, and works off what comes of it. */
  async redrive(): Promise<object> {
    const { jobs, ...fates } = await redriveQueue(this.bench.context, this.#deadLetters(), 'analysis', 10);
    await this.bench.drain();
    return { jobs: jobs.length, ...fates };
  }

  #deadLetters(): DeadLetters {
    const remove = async (body: string) => {
      this.letters.splice(this.letters.indexOf(body), 1);
    };
    const giveBack = (body: string) => {
      this.bench.enqueue(parseMessage(body));
      return remove(body);
    };
    const letters = [...this.letters];
    return {
      async *take() {
        for (const body of letters) {
          yield { body, remove: () => remove(body), giveBack: () => giveBack(body) };
        }
      },
    };
  }
}

describe('redriving a queue', () => {
  it.each(['announced', 'unannounced'])('starts jobs again that failed with their %s upload', async (how) => {
    const fixture = new Fixture();
    const { bench } = fixture;
    const announced = how === 'announced' ? await bench.announce(plain) : null;
    const upload = await fixture.giveUp(announced?.source.key ?? 'uploads/acme/inbox/plain.csv');
    // Letters of the same job: the queue delivers at least once, and an event may be told of again.
    fixture.letters.push(...fixture.letters, bodyOf(upload));
    expect(await fixture.redrive()).toEqual({ jobs: 1, redriven: 3, returned: 0, dropped: 0, left: 0 });
    expect(fixture.letters).toEqual([]);
    expect([...bench.store.jobs.values()].map(({ state }) => state)).toEqual(['SUCCEEDED']);
  });

  it('gives back an upload that started no job, though the job its key names has failed', async () => {
    const fixture = new Fixture();
    const { bench } = fixture;
    const announced = await bench.announce(plain);
    await fixture.giveUp(announced.source.key);
    fixture.letters = [];
    bench.now += 1000;
    const second = bench.upload(announced.source.key, plain.bytes);
    bench.waiting = [];
    fixture.letters.push(bodyOf(second));
    expect(await fixture.redrive()).toEqual({ jobs: 0, redriven: 0, returned: 1, dropped: 0, left: 0 });
    const states = [...bench.store.jobs.values()].map(({ id, state }) => [id === announced.id, state]);
    expect(states).toEqual([
      [true, 'FAILED'],
      [false, 'SUCCEEDED'],
    ]);
  });

  it('drops what is of jobs that succeeded, and leaves what cannot be read', async () => {
    const fixture = new Fixture();
    const { bench } = fixture;
    const done = bench.upload('uploads/acme/inbox/done.csv', plain.bytes);
    await bench.drain();
    fixture.letters.push(bodyOf(done), 'no message of ours');
    expect(await fixture.redrive()).toEqual({ jobs: 0, redriven: 0, returned: 0, dropped: 1, left: 1 });
    expect(fixture.letters).toEqual(['no message of ours']);
    expect([...bench.store.jobs.values()].map(({ state, run }) => [state, run])).toEqual([['SUCCEEDED', 1]]);
  });
});
