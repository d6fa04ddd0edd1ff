import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Template, templateSchema } from './template.ts';

export interface AssemblyStack {
  /** Construct path of the stack, as the CDK command line shows it. */
  readonly id: string;
  readonly stackName: string;
  readonly template: Template;
  readonly terminationProtection?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface Assembly {
  readonly stacks: readonly AssemblyStack[];
  /** Directory or file of a file asset by the object key the templates name it with. */
  readonly assets: ReadonlyMap<string, string>;
}

const manifestSchema = z.looseObject({
  artifacts: z.record(
    z.string(),
    z.looseObject({
      type: z.string(),
      properties: z
        .looseObject({
          templateFile: z.string().optional(),
          stackName: z.string().optional(),
          terminationProtection: z.boolean().default(false),
          tags: z.record(z.string(), z.string()).default({}),
          file: z.string().optional(),
        })
        .optional(),
    }),
  ),
});

const assetManifestSchema = z.looseObject({
  files: z
    .record(
      z.string(),
      z.looseObject({
        source: z.looseObject({ path: z.string().optional() }),
        destinations: z.record(z.string(), z.looseObject({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

/**
 * Reads what `cdk synth` wrote: every stack's template, and where the assets lie.
 *
 * @param directory the cloud assembly (`cdk.out`)
 * @throws Error when a file is missing, ZodError when it is not of an assembly's shape
 */
export function readAssembly(directory: string): Assembly {
  const { artifacts } = manifestSchema.parse(readJson(directory, 'manifest.json'));
  const stacks: AssemblyStack[] = [];
  const assets = new Map<string, string>();
  for (const [id, { type, properties }] of Object.entries(artifacts)) {
    if (type === 'aws:cloudformation:stack' && properties?.templateFile !== undefined) {
      const template = templateSchema.parse(readJson(directory, properties.templateFile));
      const { stackName = id, terminationProtection, tags } = properties;
      stacks.push({ id, stackName, template, terminationProtection, tags });
    }
    if (type === 'cdk:asset-manifest' && properties?.file !== undefined) {
      const { files } = assetManifestSchema.parse(readJson(directory, properties.file));
      for (const { source, destinations } of Object.values(files)) {
        if (source.path === undefined) continue;
        for (const { objectKey } of Object.values(destinations)) {
          assets.set(objectKey, join(directory, source.path));
        }
      }
    }
  }
  return { stacks, assets };
}

function readJson(directory: string, file: string): unknown {
  return JSON.parse(readFileSync(join(directory, file), 'utf8'));
}
