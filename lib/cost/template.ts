import { z } from 'zod';

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});

export const templateSchema = z.object({ Resources: z.record(z.string(), resourceSchema) });

/** A synthesised template, as far as its cost goes. */
export type Template = z.infer<typeof templateSchema>;

const referenceSchema = z.union([
  z.object({ Ref: z.string() }).transform(({ Ref }) => Ref),
  z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }).transform((it) => it['Fn::GetAtt'][0]),
]);

/** Logical id that a value refers to, undefined where it does not. */
export function refersTo(value: unknown): string | undefined {
  return referenceSchema.safeParse(value).data;
}

/**
 * The resource of the same template that a value refers to.
 *
 * @throws Error when it refers to none
 */
export function referredTo(template: Template, value: unknown): Template['Resources'][string] {
  const found = template.Resources[refersTo(value) ?? ''];
  if (found === undefined) throw new Error(`${JSON.stringify(value)} is no resource of its template.`);
  return found;
}
