import * as z from 'zod';

type JsonSchema = Record<string, unknown>;

/** Schemas of an OpenAPI document: each that has a name stands once among its components, and is referred to. */
export class Schemas {
  readonly #named = new Map<string, JsonSchema>();

  /** What callers may send. */
  input(schema: z.ZodType): JsonSchema {
    return this.#add(schema, 'input');
  }

  /** What they are answered. Members may join later, so none are forbidden. */
  output(schema: z.ZodType): JsonSchema {
    return this.#add(schema, 'output');
  }

  get components(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#named].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #add(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const {
      $schema: _draft,
      $defs = {},
      ...own
    } = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      override: ({ jsonSchema }) => {
        if (io === 'output' && jsonSchema.additionalProperties === false)
          delete jsonSchema.additionalProperties;
        delete jsonSchema.id;
      },
    });
    for (const [name, definition] of Object.entries($defs)) this.#named.set(name, referring(definition));
    return referring(own);
  }
}

/** The schema with references to where an OpenAPI document has what they refer to. */
function referring(schema: object): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
