import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const LAMBDAS = join(import.meta.dirname, '../../lambdas');

/** What each layer may import besides itself. Dependencies run one way, and none of these knows AWS. */
const LAYERS = {
  // The compiler of the scan's inner loop, which only its build script calls.
  domain: { layers: [], packages: ['assemblyscript/asc'] },
  contracts: { layers: ['domain'], packages: ['zod'] },
  ports: { layers: ['contracts', 'domain'], packages: [] },
  pipeline: { layers: ['ports', 'contracts', 'domain'], packages: ['zod'] },
  // API Gateway's events are known by their types alone.
  http: { layers: ['ports', 'contracts', 'domain'], packages: ['zod', 'aws-lambda'] },
  canary: { layers: ['ports', 'contracts', 'domain'], packages: ['zod'] },
  api: { layers: ['http', 'pipeline', 'ports', 'contracts', 'domain'], packages: ['zod', 'canonicalize'] },
} as const;

interface Import {
  readonly file: string;
  readonly from: string;
}

function importsOf(layer: string): Import[] {
  const files = readdirSync(join(LAMBDAS, layer), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((name) => {
      const file = join(LAMBDAS, layer, name);
      return importedBy(readFileSync(file, 'utf8')).map((from) => ({ file, from }));
    });
}

function importedBy(source: string): string[] {
  const found = source.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*['"]([^'"]+)['"]/g);
  return Array.from(found, ([, name]) => name ?? '');
}

/** Imports that a layer must not have, as `file → name`. */
function forbidden(layer: keyof typeof LAYERS, imports: readonly Import[]): string[] {
  const allowed: readonly string[] = [layer, ...LAYERS[layer].layers];
  const packages: readonly string[] = LAYERS[layer].packages;
  const isAllowed = ({ file, from }: Import): boolean => {
    if (from.startsWith('node:')) return true;
    if (!from.startsWith('.')) return packages.includes(from);
    return allowed.includes(relative(LAMBDAS, join(dirname(file), from)).split('/')[0] ?? '');
  };
  return imports
    .filter((one) => !isAllowed(one))
    .map(({ file, from }) => `${relative(LAMBDAS, file)} → ${from}`);
}

describe('dependencies', () => {
  it.each(['domain', 'contracts', 'ports', 'pipeline', 'canary', 'http', 'api'] as const)(
    'of %s run one way and know no AWS',
    (layer) => {
      const imports = importsOf(layer);
      expect(imports.length).toBeGreaterThan(5);
      expect(forbidden(layer, imports)).toEqual([]);
    },
  );

  it('that run the other way are noticed', () => {
    const file = join(LAMBDAS, 'domain/job/states.ts');
    const wrong = importedBy(`
      import { S3Client } from '@aws-sdk/client-s3';
      import type { JobStore } from "../../ports/job-store.ts";
      import '../../pipeline/sweep.ts';
      export { x } from '../../adapters/x.ts';
      const zod = await import('zod');
      import { crc32 } from 'node:zlib';
      import { rescans } from '../csv/ranges.ts';
    `);
    expect(
      forbidden(
        'domain',
        wrong.map((from) => ({ file, from })),
      ),
    ).toHaveLength(5);
  });
});
