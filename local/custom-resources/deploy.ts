import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { stackId } from '../account.ts';
import type { DeployedResource } from '../assembly/deployment.ts';
import { type Json, type JsonObject, jsonObjectSchema, scalarText } from '../assembly/json.ts';
import { isCustomResource } from '../assembly/without-effect.ts';
import type { FunctionDirectory } from '../lambda/directory.ts';
import { type CustomResourceResponse, failed, ResponseInbox } from './inbox.ts';

export interface CustomResourceOptions {
  readonly resources: readonly DeployedResource[];
  readonly functions: FunctionDirectory;
  readonly dataDirectory: string;
  readonly log: (line: string) => void;
}

const stateSchema = z.record(z.string(), z.object({ physicalId: z.string(), properties: jsonObjectSchema }));

/** CloudFormation waits for an hour unless the resource says how long. */
const DEFAULT_TIMEOUT_SECONDS = 3600;
/** A function that has answered has sent its response before, or does not send any. */
const GRACE_MS = 5000;

/**
 * Has the functions behind custom resources do their work, one after another: `Create` at the first start with a data
 * directory, `Update` at every later one, whether or not a property changed.
 *
 * @throws Error with the function's reason when one fails
 */
export async function deployCustomResources(options: CustomResourceOptions): Promise<void> {
  const resources = options.resources.filter(({ type }) => isCustomResource(type));
  if (resources.length === 0) return;
  const file = join(options.dataDirectory, 'custom-resources.json');
  const state = existsSync(file) ? stateSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
  const inbox = await ResponseInbox.listen();
  try {
    for (const resource of resources) {
      const path = `${resource.stackName}/${resource.logicalId}`;
      const event = eventOf(resource, state[path]);
      const { PhysicalResourceId } = await perform(resource, event, inbox, options);
      options.log(`${path}: ${event.RequestType} succeeded`);
      const physicalId = PhysicalResourceId ?? state[path]?.physicalId ?? resource.logicalId;
      state[path] = { physicalId, properties: event.ResourceProperties };
      writeFileSync(file, JSON.stringify(state));
    }
  } finally {
    inbox.close();
  }
}

function eventOf(resource: DeployedResource, before: z.infer<typeof stateSchema>[string] | undefined) {
  return {
    RequestType: before === undefined ? 'Create' : 'Update',
    RequestId: randomUUID(),
    StackId: stackId(resource.stackName),
    ResourceType: resource.type,
    LogicalResourceId: resource.logicalId,
    ResourceProperties: asTexts(resource.properties),
    ...(before === undefined
      ? {}
      : { PhysicalResourceId: before.physicalId, OldResourceProperties: before.properties }),
  };
}

async function perform(
  { stackName, logicalId, properties }: DeployedResource,
  event: ReturnType<typeof eventOf>,
  inbox: ResponseInbox,
  { functions }: CustomResourceOptions,
): Promise<CustomResourceResponse> {
  const name = `${stackName}/${logicalId}`;
  const token = scalarText(properties['ServiceToken'], `${name}.ServiceToken`);
  const target = functions.find(token);
  if (target === undefined) throw new Error(`${name}: its ServiceToken ${token} is no function.`);
  const timeout = Number(properties['ServiceTimeout'] ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
  const response = inbox.expect(event.RequestId);
  const payload = JSON.stringify({ ...event, ResponseURL: inbox.urlOf(event.RequestId) });
  const stopWaiting = new AbortController();
  const late = (milliseconds: number, why: string) =>
    delay(milliseconds, undefined, { signal: stopWaiting.signal }).then(() => failed(why));
  const silence = target.lambda
    .invokeWhenFree(payload, target.arn)
    .then((outcome) =>
      outcome.succeeded ? late(GRACE_MS, 'the function sent no response') : failed(outcome.payload),
    );
  const timedOut = late(timeout, `no response within ${timeout / 1000} s`);
  const answer = await Promise.race([response, silence, timedOut]);
  for (const waiting of [silence, timedOut]) waiting.catch(() => undefined);
  stopWaiting.abort();
  if (answer.Status === 'SUCCESS') return answer;
  throw new Error(`${name}: ${event.RequestType} failed: ${answer.Reason ?? 'no reason given'}`);
}

/** CloudFormation hands numbers and booleans over as texts. */
function asTexts(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, asText(value)]));
}

function asText(value: Json): Json {
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value === 'object' && value !== null) return asTexts(value);
  return value === null ? null : String(value);
}
