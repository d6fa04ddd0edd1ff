import { z } from 'zod';

export type JsonSchema = { readonly [keyword: string]: unknown };

const schema = z.record(z.string(), z.unknown());
const content = z.record(z.string(), z.object({ schema: schema.exactOptional() }));
const operationSchema = z.object({
  operationId: z.string(),
  security: z.array(z.unknown()).exactOptional(),
  parameters: z.array(
    z.object({ name: z.string(), in: z.enum(['path', 'query', 'header']), required: z.boolean(), schema }),
  ),
  requestBody: z.object({ content }).exactOptional(),
  responses: z.record(z.string(), z.object({ content: content.exactOptional() })),
});
const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), schema) }),
});

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: JsonSchema;
}

/** The bodies that the document promises for a status, by their types; null says nothing of what is in it. */
type Promised = ReadonlyMap<string, z.ZodType | null>;

/** An operation as the OpenAPI document describes it. */
export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly isOpen: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly contentType: string; readonly schema: JsonSchema } | null;
  readonly answers: ReadonlyMap<number, Promised>;
}

export interface ApiDocument {
  readonly operations: readonly Operation[];
  /** What components the schemas refer to. */
  readonly components: Readonly<Record<string, JsonSchema>>;
}

/** Reads an OpenAPI 3.1 document. @throws ZodError when a part that is needed here is missing */
export function readDocument(document: unknown): ApiDocument {
  const { paths, components } = documentSchema.parse(document);
  const { schemas } = components;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation => {
      const [body] = Object.entries(operation.requestBody?.content ?? {});
      return {
        operationId: operation.operationId,
        method: method.toUpperCase(),
        path,
        isOpen: operation.security?.length === 0,
        parameters: operation.parameters,
        body: body === undefined ? null : { contentType: body[0], schema: body[1].schema ?? {} },
        answers: new Map(
          Object.entries(operation.responses).map(([status, answer]) => [
            Number(status),
            promisedBy(answer.content, schemas),
          ]),
        ),
      };
    }),
  );
  return { operations, components: schemas };
}

function promisedBy(given: z.infer<typeof content> | undefined, components: object): Promised {
  return new Map(
    Object.entries(given ?? {}).map(([contentType, { schema: own }]) => [
      contentType,
      own === undefined ? null : validatorOf(own, components),
    ]),
  );
}

/** References point into `components` of the document; where the converter looks for them is `$defs`. */
function validatorOf(own: JsonSchema, components: object): z.ZodType {
  const whole = JSON.stringify({ ...own, $defs: components });
  return z.fromJSONSchema(JSON.parse(whole.replaceAll('"#/components/schemas/', '"#/$defs/')));
}
