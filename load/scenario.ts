import type { CacheState } from './bodies.ts';
import type { UserProfile } from './profiles.ts';
import { TASKS } from './tasks.ts';

/** What the users have to know, who are in processes of Artillery's. */
export interface UsersSettings {
  readonly token: string;
  readonly cache: CacheState;
  readonly run: string;
  readonly seconds: number;
}

const TIMEOUT_SECONDS = 60;

/** The settings as environment variables: the token would be in the list of processes as an argument. */
export function environmentOf({ token, cache, run, seconds }: UsersSettings): Record<string, string> {
  return { LOAD_TOKEN: token, LOAD_CACHE: cache, LOAD_RUN: run, LOAD_SECONDS: String(seconds) };
}

export function usersEnvironment(): UsersSettings {
  const { LOAD_TOKEN = '', LOAD_CACHE, LOAD_RUN = '', LOAD_SECONDS } = process.env;
  return {
    token: LOAD_TOKEN,
    cache: LOAD_CACHE === 'warm' ? 'warm' : 'cold',
    run: LOAD_RUN,
    seconds: Number(LOAD_SECONDS),
  };
}

/**
 * The scaling guide's load test for Artillery: each user asks, thinks, and asks again until the time is over.
 *
 * @param processor path of the module with what users do
 */
export function scenarioOf({ users, rampSeconds }: UserProfile, url: URL, processor: string) {
  return {
    config: {
      target: url.href.replace(/\/$/, ''),
      processor,
      phases: [{ duration: rampSeconds, arrivalCount: users, maxVusers: users }],
      http: { timeout: TIMEOUT_SECONDS },
      plugins: { ensure: {} },
      ensure: { thresholds: TASKS.map(({ name, p95BelowMs }) => ({ [`${name}.ms.p95`]: p95BelowMs })) },
    },
    scenarios: [
      {
        name: 'user',
        flow: [
          {
            loop: [
              { function: 'choose' },
              { get: { url: '/health', ifTrue: 'isHealth', ...HOOKS } },
              { post: { url: '/api/analyze', ifTrue: 'isAnalysis', ...HOOKS } },
              { function: 'think' },
            ],
            whileTrue: 'isNotOver',
          },
        ],
      },
    ],
  };
}

const HOOKS = { beforeRequest: 'fill', afterResponse: 'record' } as const;
