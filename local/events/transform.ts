import { z } from 'zod';
import { isJsonObject, type Json, type JsonObject } from '../assembly/json.ts';

export const inputSchema = z.looseObject({
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .looseObject({ InputPathsMap: z.record(z.string(), z.string()).default({}), InputTemplate: z.string() })
    .optional(),
});

export type TargetInput = z.infer<typeof inputSchema>;

/** What a target gets of an event, as JSON text: a constant, a part, a template filled in, or all of it. */
export function targetInput(event: JsonObject, { Input, InputPath, InputTransformer }: TargetInput): string {
  if (Input !== undefined) return Input;
  if (InputPath !== undefined) return JSON.stringify(select(event, InputPath) ?? null);
  if (InputTransformer === undefined) return JSON.stringify(event);
  const values = Object.entries(InputTransformer.InputPathsMap).map(([name, path]): [string, Json] => [
    name,
    select(event, path) ?? null,
  ]);
  return fill(InputTransformer.InputTemplate, new Map([...values, ['aws.events.event.json', event]]));
}

/** Within quotes a value's text goes in; elsewhere its JSON. */
function fill(template: string, values: ReadonlyMap<string, Json>): string {
  return template.replace(/"(?:[^"\\]|\\.)*"|<([\w.-]+)>/g, (part, name) => {
    if (name !== undefined) return JSON.stringify(values.get(name) ?? null);
    return part.replace(/<([\w.-]+)>/g, (whole: string, inner: string) => {
      const value = values.get(inner);
      if (value === undefined) return whole;
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return JSON.stringify(text).slice(1, -1);
    });
  });
}

/** The value at a JSON path of names, such as `$.detail.object.key`. */
function select(event: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = event;
  for (const name of path.replace(/^\$\.?/, '').split('.')) {
    if (name === '') continue;
    value = isJsonObject(value) ? value[name] : undefined;
  }
  return value;
}
