import { InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import { type ParametersInput, parametersSchema } from '../../lambdas/contracts/parameters.ts';
import { resolveParameters } from '../../lambdas/domain/parameters.ts';

/** Defaults that follow another parameter and so have no one value to show. */
const DEPENDENT_DEFAULTS: Readonly<Record<string, string>> = {
  minSeparation: 'the window size',
  benchmarkRule: 'best, longest with --detector shape',
  impactScope: 'worse, declining with --detector shape',
  falseDiscoveryRate: 'off',
};

/** One flag in kebab case for every parameter of an analysis, made from the schema of the contract. */
export function parameterOptions(): Option[] {
  const defaults = new Map<string, unknown>(Object.entries(resolveParameters()));
  return Object.entries(parametersSchema.shape).map(([name, schema]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const meaning = schema.description ?? '';
    if (schema.safeParse(true).success) return new Option(flag, meaning);
    const described = `${meaning} (${range(schema)}; default: ${DEPENDENT_DEFAULTS[name] ?? defaults.get(name)})`;
    const placeholder = choicesOf(schema) === null ? '<n>' : '<name>';
    return new Option(`${flag} ${placeholder}`, described).argParser((text) => parse(schema, text));
  });
}

/** The parameters among a command's parsed options. */
export function parametersFrom(options: Readonly<Record<string, unknown>>): ParametersInput {
  const known = Object.keys(parametersSchema.shape).filter((name) => options[name] !== undefined);
  return parametersSchema.parse(Object.fromEntries(known.map((name) => [name, options[name]])));
}

function parse(schema: z.ZodType, text: string): unknown {
  const isNumber = choicesOf(schema) === null;
  const value = isNumber && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const kind = z.toJSONSchema(schema).type === 'integer' ? 'a whole number, ' : 'a number, ';
  throw new InvalidArgumentError(`It must be ${isNumber ? kind : ''}${range(schema)}.`);
}

function choicesOf(schema: z.ZodType): readonly unknown[] | null {
  return z.toJSONSchema(schema).enum ?? null;
}

/** What a parameter may be: `level or shape`, `2 to 60`, `above 0, below 1`. */
function range(schema: z.ZodType): string {
  const { enum: choices, anyOf, ...own } = z.toJSONSchema(schema);
  if (choices !== undefined) return `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
  const bounds = anyOf?.find((branch) => branch.type !== 'null') ?? own;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = bounds;
  if (minimum !== undefined) return `${minimum} to ${maximum}`;
  return `above ${exclusiveMinimum}, ${maximum === undefined ? `below ${exclusiveMaximum}` : `at most ${maximum}`}`;
}
