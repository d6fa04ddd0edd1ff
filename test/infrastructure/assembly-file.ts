import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Assembly, templateSchema } from './template.ts';

export const ASSEMBLY_FILE = 'assembly.json';

const writtenSchema = z.object({
  keepsData: z.boolean(),
  stacks: z.array(
    z.object({
      id: z.string(),
      stackName: z.string(),
      environment: z.string(),
      terminationProtection: z.boolean(),
      dependsOn: z.array(z.string()),
      templateFile: z.string(),
    }),
  ),
});

/** What is written beside the templates of an assembly. */
export type WrittenAssembly = z.infer<typeof writtenSchema>;

export function readAssembly(directory: string): Assembly {
  const { keepsData, stacks } = writtenSchema.parse(
    JSON.parse(readFileSync(join(directory, ASSEMBLY_FILE), 'utf8')),
  );
  return {
    keepsData,
    directory,
    stacks: stacks.map(({ templateFile, ...stack }) => {
      const text = readFileSync(join(directory, templateFile), 'utf8');
      return { ...stack, text, template: templateSchema.parse(JSON.parse(text)) };
    }),
  };
}
