import { createHash } from 'node:crypto';
import type { DeployedResource } from '../assembly/deployment.ts';
import { type ApiDefinition, ofType, parse } from './definition.ts';
import { GatewayError } from './gateway-error.ts';
import { apiKeySchema, usagePlanKeySchema, usagePlanSchema } from './schema.ts';
import { type Limits, Throttles } from './throttling.ts';

interface PlannedKey {
  readonly keyId: string;
  readonly planId: string;
  readonly limits: Limits;
  /** By `path/METHOD`, of this stage. */
  readonly methodLimits: Readonly<Record<string, Limits>>;
}

/** The API keys that usage plans let into the stages of an API, and how much each may ask for. */
export class UsagePlans {
  /** By stage and key value. */
  readonly #keys = new Map<string, PlannedKey>();
  readonly #throttles = new Throttles();

  constructor({ id }: Pick<ApiDefinition, 'id'>, resources: readonly DeployedResource[]) {
    const keys = new Map(ofType(resources, 'ApiKey').map((key) => [key.identity.ref, key]));
    const plans = new Map(ofType(resources, 'UsagePlan').map((plan) => [plan.identity.ref, plan]));
    for (const resource of ofType(resources, 'UsagePlanKey')) {
      const { KeyId, UsagePlanId } = parse(usagePlanKeySchema, resource);
      const key = keys.get(KeyId);
      const plan = plans.get(UsagePlanId);
      if (key === undefined || plan === undefined || !parse(apiKeySchema, key).Enabled) continue;
      for (const [stage, planned] of plannedKeys(id, key, plan)) {
        this.#keys.set(`${stage} ${apiKeyValue(key)}`, planned);
      }
    }
  }

  /**
   * Lets a request in that needs a key.
   *
   * @param value of the key, if the request has one
   * @returns id of the key
   * @throws GatewayError when there is no such key in a plan of the stage, or it asks for too much
   */
  admit(value: string | undefined, stage: string, path: string, method: string): string {
    const planned = this.#keys.get(`${stage} ${value}`);
    if (value === undefined || planned === undefined) {
      throw new GatewayError(
        'INVALID_API_KEY',
        value === undefined ? 'no API key' : 'no such API key in a plan',
      );
    }
    const { keyId, planId, limits, methodLimits } = planned;
    const ofMethod = methodLimits[`${path}/${method}`];
    if (ofMethod !== undefined)
      this.#throttles.take(`key ${keyId} of plan ${planId} at ${method} ${path}`, ofMethod);
    this.#throttles.take(`key ${keyId} of plan ${planId}`, limits);
    return keyId;
  }
}

/** The value of a key: the template's, or one that is the same at every start. */
export function apiKeyValue(key: DeployedResource): string {
  const { Value } = parse(apiKeySchema, key);
  return Value ?? createHash('sha256').update(key.identity.ref).digest('hex').slice(0, 40);
}

function plannedKeys(
  apiId: string,
  key: DeployedResource,
  plan: DeployedResource,
): [stage: string, planned: PlannedKey][] {
  const { ApiStages, Throttle } = parse(usagePlanSchema, plan);
  return ApiStages.filter(({ ApiId }) => ApiId === apiId).map((stage) => [
    stage.Stage,
    {
      keyId: key.identity.ref,
      planId: plan.identity.ref,
      limits: { rate: Throttle.RateLimit, burst: Throttle.BurstLimit },
      methodLimits: Object.fromEntries(
        Object.entries(stage.Throttle).map(([method, { RateLimit, BurstLimit }]) => [
          method,
          { rate: RateLimit, burst: BurstLimit },
        ]),
      ),
    },
  ]);
}
