import { isJsonObject, type Json, type JsonObject, scalarText } from './json.ts';

/** What a template's functions look things up in. */
export interface Scope {
  /** Parameter, pseudo parameter or resource; undefined is `AWS::NoValue`. */
  ref(name: string): Json | undefined;
  attribute(resource: string, attribute: string): Json;
  mapping(map: string, top: string, second: string): Json;
  condition(name: string): boolean;
  exportedValue(name: string): Json;
  stackOutput(stackName: string, output: string): Json;
}

type Intrinsic = (argument: Json, scope: Scope) => Json | undefined;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, scope) => scope.ref(scalarText(name, 'Ref')),
  'Fn::GetAtt': getAttribute,
  'Fn::Sub': substitute,
  'Fn::Join': (argument, scope) => {
    const [delimiter, parts] = list(argument, 'Fn::Join');
    return list(resolve(parts, scope), 'Fn::Join')
      .map((part) => scalarText(part, 'Fn::Join'))
      .join(scalarText(delimiter, 'Fn::Join'));
  },
  'Fn::Select': (argument, scope) => {
    const [index, values] = list(resolve(argument, scope), 'Fn::Select');
    const chosen = list(values, 'Fn::Select')[Number(index)];
    if (chosen === undefined) throw new Error(`Fn::Select has nothing at ${JSON.stringify(index)}.`);
    return chosen;
  },
  'Fn::Split': (argument, scope) => {
    const [delimiter, text] = list(resolve(argument, scope), 'Fn::Split');
    return scalarText(text, 'Fn::Split').split(scalarText(delimiter, 'Fn::Split'));
  },
  'Fn::If': (argument, scope) => {
    const [condition, yes, no] = list(argument, 'Fn::If');
    return resolve(scope.condition(scalarText(condition, 'Fn::If')) ? yes : no, scope);
  },
  'Fn::FindInMap': (argument, scope) => {
    const [map, top, second] = list(resolve(argument, scope), 'Fn::FindInMap').map((key) =>
      scalarText(key, 'Fn::FindInMap'),
    );
    return scope.mapping(map ?? '', top ?? '', second ?? '');
  },
  'Fn::ImportValue': (argument, scope) =>
    scope.exportedValue(scalarText(resolve(argument, scope), 'Fn::ImportValue')),
  'Fn::GetStackOutput': (argument, scope) => {
    const where = resolve(argument, scope);
    if (!isJsonObject(where)) throw new Error('Fn::GetStackOutput needs StackName and OutputName.');
    return scope.stackOutput(
      scalarText(where['StackName'], 'Fn::GetStackOutput'),
      scalarText(where['OutputName'], 'Fn::GetStackOutput'),
    );
  },
  'Fn::GetAZs': (argument, scope) => {
    const given = scalarText(resolve(argument, scope), 'Fn::GetAZs');
    const region = given === '' ? scalarText(scope.ref('AWS::Region'), 'Fn::GetAZs') : given;
    return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
  },
  'Fn::Base64': (argument, scope) =>
    Buffer.from(scalarText(resolve(argument, scope), 'Fn::Base64')).toString('base64'),
  'Fn::Equals': (argument, scope) => {
    const [left, right] = list(resolve(argument, scope), 'Fn::Equals');
    return JSON.stringify(left) === JSON.stringify(right);
  },
  'Fn::And': (argument, scope) => list(argument, 'Fn::And').every((part) => truth(part, scope)),
  'Fn::Or': (argument, scope) => list(argument, 'Fn::Or').some((part) => truth(part, scope)),
  'Fn::Not': (argument, scope) => !truth(list(argument, 'Fn::Not')[0] ?? null, scope),
};

/**
 * A template's value with every intrinsic function replaced by what it stands for.
 *
 * @returns undefined where the value is `AWS::NoValue`; members and properties that are so are left out
 * @throws Error naming the function when it is unknown or its arguments are not of its form
 */
export function resolve(value: Json | undefined, scope: Scope): Json | undefined {
  if (Array.isArray(value))
    return value.map((item) => resolve(item, scope)).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  const call = callOf(value);
  if (call !== undefined) {
    const intrinsic = INTRINSICS[call.name];
    if (intrinsic === undefined) throw new Error(`The intrinsic function ${call.name} is not imitated.`);
    return intrinsic(call.argument, scope);
  }
  const resolved: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    const result = resolve(member, scope);
    if (result !== undefined) resolved[key] = result;
  }
  return resolved;
}

/** Whether a condition holds: `{"Condition": name}` or a function of Fn::Equals, And, Or, Not. */
export function truth(value: Json, scope: Scope): boolean {
  if (isJsonObject(value) && typeof value['Condition'] === 'string')
    return scope.condition(value['Condition']);
  return resolve(value, scope) === true;
}

/** The function an object calls, when it is the call of one. */
export function callOf(value: JsonObject): { readonly name: string; readonly argument: Json } | undefined {
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  const [name, argument] = entry;
  return name === 'Ref' || name.startsWith('Fn::') ? { name, argument } : undefined;
}

/** Names and texts of `${…}` in a Fn::Sub; `${!Literal}` is text. */
export function substitutions(text: string): { readonly literal: string; readonly variable?: string }[] {
  const parts: { literal: string; variable?: string }[] = [];
  let last = 0;
  for (const match of text.matchAll(/\$\{(!?)([^}]+)\}/g)) {
    const before = text.slice(last, match.index);
    const name = match[2] ?? '';
    parts.push(match[1] === '!' ? { literal: `${before}\${${name}}` } : { literal: before, variable: name });
    last = match.index + match[0].length;
  }
  parts.push({ literal: text.slice(last) });
  return parts;
}

function substitute(argument: Json, scope: Scope): Json {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const given = isJsonObject(variables) ? variables : {};
  return substitutions(scalarText(text, 'Fn::Sub'))
    .map(({ literal, variable }) => {
      if (variable === undefined) return literal;
      const own = given[variable];
      const value = own === undefined ? lookup(variable, scope) : resolve(own, scope);
      return literal + scalarText(value, `Fn::Sub of \${${variable}}`);
    })
    .join('');
}

function lookup(variable: string, scope: Scope): Json | undefined {
  return variable.includes('.') ? getAttribute(variable, scope) : scope.ref(variable);
}

function getAttribute(argument: Json, scope: Scope): Json {
  const [resource, ...attribute] = Array.isArray(argument)
    ? argument.map((part) => scalarText(part, 'Fn::GetAtt'))
    : scalarText(argument, 'Fn::GetAtt').split('.');
  return scope.attribute(resource ?? '', attribute.join('.'));
}

function list(value: Json | undefined, where: string): Json[] {
  if (!Array.isArray(value)) throw new Error(`${where} needs a list, not ${JSON.stringify(value)}.`);
  return value;
}
