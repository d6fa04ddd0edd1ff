import { isJsonObject, type Json, type JsonObject } from '../assembly/json.ts';

type Matcher = (value: Json | undefined) => boolean;

/** A compiled event pattern. */
export type EventPattern = (event: JsonObject) => boolean;

/**
 * Compiles an EventBridge pattern: every member has to match, each list names alternatives, and a list in the event
 * matches by any of its members.
 *
 * @throws Error naming a filter that is not imitated
 */
export function compilePattern(pattern: JsonObject): EventPattern {
  const members = Object.entries(pattern).map(([name, expected]): EventPattern => {
    if (isJsonObject(expected)) {
      const inner = compilePattern(expected);
      return (event) => {
        const value = event[name];
        return inner(isJsonObject(value) ? value : {});
      };
    }
    if (!Array.isArray(expected)) throw notImitated(name, expected);
    const alternatives = expected.map((filter) => compileFilter(name, filter));
    return (event) => {
      const value = event[name];
      const candidates = Array.isArray(value) && value.length > 0 ? value : [value];
      return candidates.some((candidate) => alternatives.some((matches) => matches(candidate)));
    };
  });
  return (event) => members.every((matches) => matches(event));
}

function compileFilter(field: string, filter: Json): Matcher {
  if (!isJsonObject(filter)) return (value) => value === filter;
  const [entry, ...others] = Object.entries(filter);
  if (entry === undefined || others.length > 0) throw notImitated(field, filter);
  const [name, argument] = entry;
  switch (name) {
    case 'prefix':
      return text(field, argument, (value, wanted) => value.startsWith(wanted));
    case 'suffix':
      return text(field, argument, (value, wanted) => value.endsWith(wanted));
    case 'equals-ignore-case':
      return text(field, argument, (value, wanted) => value.toLowerCase() === wanted.toLowerCase());
    case 'wildcard':
      return text(field, argument, (value, wanted) => wildcard(wanted).test(value));
    case 'exists':
      return (value) => (value !== undefined) === argument;
    case 'anything-but':
      return anythingBut(field, argument);
    case 'numeric':
      return numeric(field, argument);
    default:
      throw notImitated(field, filter);
  }
}

function text(field: string, argument: Json, test: (value: string, wanted: string) => boolean): Matcher {
  if (typeof argument !== 'string') throw notImitated(field, argument);
  return (value) => typeof value === 'string' && test(value, argument);
}

function anythingBut(field: string, argument: Json): Matcher {
  const refused = Array.isArray(argument)
    ? argument.map((value) => compileFilter(field, value))
    : [compileFilter(field, argument)];
  return (value) => value !== undefined && !refused.some((matches) => matches(value));
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

function numeric(field: string, argument: Json): Matcher {
  if (!Array.isArray(argument) || argument.length % 2 !== 0) throw notImitated(field, argument);
  const tests = argument.flatMap((operator, index) => {
    if (index % 2 === 1) return [];
    const compare = COMPARISONS[String(operator)];
    const bound = argument[index + 1];
    if (compare === undefined || typeof bound !== 'number') throw notImitated(field, argument);
    return [(value: number) => compare(value, bound)];
  });
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function wildcard(pattern: string): RegExp {
  return new RegExp(`^${pattern.split('*').map(literal).join('[^]*')}$`);
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function notImitated(field: string, filter: Json): Error {
  return new Error(`the filter ${JSON.stringify(filter)} of ${field} in an event pattern is not imitated`);
}
