import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoTokens } from '../adapters/dynamodb-tokens.ts';
import { type BufferedMetrics, createEmfMetrics } from '../adapters/emf-metrics.ts';
import { createFetchApiClient } from '../adapters/fetch-api-client.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { issueToken, type TokenIssuer } from '../api/issue-token.ts';
import { runCanary } from '../canary/run.ts';
import {
  type CanaryPart,
  canaryEnvironmentSchema,
  canaryRequestSchema,
} from '../contracts/canary-environment.ts';
import { METRICS } from '../contracts/metric-names.ts';
import { errorFields, log, writeLine } from './runtime/log.ts';
import { observed } from './runtime/observed.ts';
import { readEnvironment } from './runtime/services.ts';

interface Canary {
  readonly apiUrl: string;
  readonly issuer: TokenIssuer;
  readonly metrics: BufferedMetrics;
}

/** What a run came to: all well, other numbers than are right, or something that a customer does did not work. */
type CanaryOutcome = 'passed' | 'wrong' | 'failed';

const METRIC_OF = {
  passed: METRICS.canaryPassed,
  wrong: METRICS.canaryWrong,
  failed: METRICS.canaryFailed,
} as const satisfies Record<CanaryOutcome, string>;

/** A tenant of its own: what the canary does touches nobody's quota, webhooks or lists. */
const TENANT = 'canary';
const TOKEN_MS = 15 * 60 * 1000;
/** So many say enough of what is wrong. */
const MOST_TOLD = 20;

let canary: Canary | undefined;

/**
 * Uses the API as a customer does, on a schedule, and counts whether the numbers were right. A run that fails is an
 * outcome and no failure of the function, which Lambda would call twice more.
 */
export const handler = observed(async (event: unknown): Promise<{ outcome: CanaryOutcome }> => {
  const { parts } = canaryRequestSchema.parse(event);
  canary ??= createCanary();
  const { metrics } = canary;
  const started = performance.now();
  const outcome = await attempt(canary, parts);
  const seconds = (performance.now() - started) / 1000;
  metrics.count(METRIC_OF[outcome]);
  metrics.seconds(METRICS.canarySeconds, seconds);
  metrics.flush();
  log(outcome === 'passed' ? 'info' : 'error', `The canary ${outcome}.`, { tenant: TENANT, parts, seconds });
  return { outcome };
});

async function attempt({ apiUrl, issuer }: Canary, parts: readonly CanaryPart[]): Promise<CanaryOutcome> {
  try {
    const api = createFetchApiClient(apiUrl, await newSecret(issuer));
    const wrong = await runCanary({ api, clock: systemClock }, parts);
    if (wrong.length === 0) return 'passed';
    log('error', 'The numbers are wrong.', { count: wrong.length, wrong: wrong.slice(0, MOST_TOLD) });
    return 'wrong';
  } catch (error) {
    log('error', 'What a customer does did not work.', errorFields(error));
    return 'failed';
  }
}

/** A token for one run: nothing that lasts is kept anywhere that could be stolen. */
async function newSecret(issuer: TokenIssuer): Promise<string> {
  const expiresAt = new Date(issuer.clock.now() + TOKEN_MS).toISOString();
  const grant = { tenant: TENANT, name: 'canary', requestsPerMinute: null, expiresAt } as const;
  return (await issueToken(issuer, { ...grant, scopes: ['read', 'write'] })).secret;
}

function createCanary(): Canary {
  const { API_URL, ACCESS_TABLE, METRICS_NAMESPACE } = readEnvironment(canaryEnvironmentSchema);
  const tokens = createDynamoTokens(new DynamoDBClient(), ACCESS_TABLE, systemClock);
  return {
    apiUrl: API_URL,
    issuer: { tokens, clock: systemClock, random: randomBytes },
    metrics: createEmfMetrics(METRICS_NAMESPACE, systemClock, writeLine),
  };
}
