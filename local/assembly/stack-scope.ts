import { ACCOUNT, PARTITION, REGION, stackId } from '../account.ts';
import type { DeployedResource, DeploymentOptions } from './deployment.ts';
import type { Identity, IdentitySubject } from './derived-identity.ts';
import { identify } from './identity.ts';
import { resolve, type Scope, truth } from './intrinsics.ts';
import { type Json, type JsonObject, mapTexts } from './json.ts';
import type { AssemblyStack } from './read.ts';
import type { TemplateResource } from './template.ts';

const PSEUDO_PARAMETERS: Readonly<Record<string, Json>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': PARTITION,
  'AWS::Region': REGION,
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::NotificationARNs': [],
};

const API_GATEWAY_URL = new RegExp(`https://[a-z0-9]{10}\\.execute-api\\.${REGION}\\.amazonaws\\.com`, 'g');

/** Looks up, in one stack and what it refers to in others, what the functions of its template mean. */
export class StackScope implements Scope {
  readonly #stack: AssemblyStack;
  readonly #scopes: ReadonlyMap<string, StackScope>;
  readonly #options: DeploymentOptions;
  readonly #identities = new Map<string, Identity>();

  constructor(stack: AssemblyStack, scopes: ReadonlyMap<string, StackScope>, options: DeploymentOptions) {
    this.#stack = stack;
    this.#scopes = scopes;
    this.#options = options;
  }

  deploy(logicalId: string): DeployedResource | undefined {
    const resource = this.#resource(logicalId);
    if (resource.Condition !== undefined && !this.condition(resource.Condition)) return undefined;
    const properties = (): JsonObject => this.#properties(logicalId, resource);
    let resolved: JsonObject | undefined;
    return {
      stackName: this.#stack.stackName,
      logicalId,
      type: resource.Type,
      identity: this.#identity(logicalId),
      get properties() {
        resolved ??= properties();
        return resolved;
      },
    };
  }

  ref(name: string): Json | undefined {
    if (name === 'AWS::NoValue') return undefined;
    if (name === 'AWS::StackName') return this.#stack.stackName;
    if (name === 'AWS::StackId') return stackId(this.#stack.stackName);
    const parameter = this.#stack.template.Parameters[name];
    if (parameter !== undefined) return this.#parameter(name, parameter.Default);
    return PSEUDO_PARAMETERS[name] ?? this.#identity(name).ref;
  }

  attribute(logicalId: string, attribute: string): Json {
    const { name, attributes } = this.#identity(logicalId);
    if (attributes === undefined) return `${name}.${attribute}`;
    const value = attributes[attribute];
    if (value !== undefined) return value;
    const { Type } = this.#resource(logicalId);
    throw new Error(`${this.#path(logicalId)}: the attribute ${attribute} of ${Type} is not imitated.`);
  }

  mapping(map: string, top: string, second: string): Json {
    const value = this.#stack.template.Mappings[map]?.[top]?.[second];
    if (value === undefined) throw new Error(`${this.#path(map)} maps nothing at ${top}, ${second}.`);
    return value;
  }

  condition(name: string): boolean {
    const expression = this.#stack.template.Conditions[name];
    if (expression === undefined) throw new Error(`${this.#path(name)}: there is no such condition.`);
    return truth(expression, this);
  }

  exportedValue(name: string): Json {
    for (const scope of this.#scopes.values()) {
      const value = scope.#exported(name);
      if (value !== undefined) return value;
    }
    throw new Error(`Stack ${this.#stack.stackName} imports ${name}, which no stack exports.`);
  }

  stackOutput(stackName: string, output: string): Json {
    const other = this.#scopes.get(stackName);
    const value = other === undefined ? undefined : other.#output(output);
    if (value !== undefined) return value;
    throw new Error(`Stack ${this.#stack.stackName} reads ${output} of ${stackName}, which there is not.`);
  }

  namedOutputs(): Record<string, Json> {
    const outputs: Record<string, Json> = {};
    for (const name of Object.keys(this.#stack.template.Outputs)) {
      if (name.startsWith('PublishOutput') || name.startsWith('ExportsOutput')) continue;
      const value = this.#output(name);
      if (value !== undefined) outputs[name] = value;
    }
    return outputs;
  }

  #output(name: string): Json | undefined {
    const output = this.#stack.template.Outputs[name];
    if (output === undefined) return undefined;
    if (output.Condition !== undefined && !this.condition(output.Condition)) return undefined;
    return this.#served(resolve(output.Value, this));
  }

  #exported(name: string): Json | undefined {
    for (const [id, output] of Object.entries(this.#stack.template.Outputs)) {
      if (output.Export !== undefined && resolve(output.Export.Name, this) === name) return this.#output(id);
    }
    return undefined;
  }

  #parameter(name: string, byDefault: Json | undefined): Json {
    const value = this.#options.parameters?.[name] ?? byDefault;
    if (value === undefined)
      throw new Error(`${this.#path(name)}: the parameter has no default and no value was given.`);
    return value;
  }

  #properties(logicalId: string, resource: TemplateResource): JsonObject {
    const resolved: JsonObject = {};
    for (const [name, value] of Object.entries(resource.Properties)) {
      const result = this.#resolveAt(`${logicalId}.${name}`, value);
      if (result !== undefined) resolved[name] = result;
    }
    return resolved;
  }

  #resolveAt(where: string, value: Json | undefined): Json | undefined {
    try {
      return this.#served(resolve(value, this));
    } catch (error) {
      throw new Error(`${this.#path(where)}: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** With the API's URL where it is served instead of API Gateway's. */
  #served(value: Json | undefined): Json | undefined {
    const { apiEndpoint } = this.#options;
    if (value === undefined || apiEndpoint === undefined) return value;
    return mapTexts(value, (text) => text.replaceAll(API_GATEWAY_URL, apiEndpoint));
  }

  #identity(logicalId: string): Identity {
    const known = this.#identities.get(logicalId);
    if (known !== undefined) return known;
    const resource = this.#resource(logicalId);
    const subject: IdentitySubject = {
      type: resource.Type,
      stackName: this.#stack.stackName,
      logicalId,
      property: (name) => this.#resolveAt(`${logicalId}.${name}`, resource.Properties[name]),
    };
    const identity = this.#options.identify?.(subject) ?? identify(subject, this.#options.endpoint);
    this.#identities.set(logicalId, identity);
    return identity;
  }

  #resource(logicalId: string): TemplateResource {
    const resource = this.#stack.template.Resources[logicalId];
    if (resource === undefined)
      throw new Error(`${this.#path(logicalId)}: there is no such resource or parameter.`);
    return resource;
  }

  #path(what: string): string {
    return `${this.#stack.stackName}/${what}`;
  }
}
