import { z } from 'zod';
import { jsonObjectSchema } from './json.ts';

const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: jsonObjectSchema.default({}),
  DependsOn: z.union([z.string(), z.array(z.string())]).optional(),
  Condition: z.string().optional(),
});

export const templateSchema = z.looseObject({
  Resources: z.record(z.string(), resourceSchema).default({}),
  Outputs: z
    .record(
      z.string(),
      z.looseObject({
        Value: z.json(),
        Condition: z.string().optional(),
        Export: z.looseObject({ Name: z.json() }).optional(),
      }),
    )
    .default({}),
  Parameters: z
    .record(z.string(), z.looseObject({ Type: z.string(), Default: z.json().optional() }))
    .default({}),
  Mappings: z.record(z.string(), z.record(z.string(), jsonObjectSchema)).default({}),
  Conditions: z.record(z.string(), z.json()).default({}),
});

export type Template = z.infer<typeof templateSchema>;
export type TemplateResource = z.infer<typeof resourceSchema>;
