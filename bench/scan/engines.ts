import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Measured } from './measured.ts';

/** A program that makes daily totals of the file that is its last argument. */
export interface Engine {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

export interface Engines {
  readonly ours: Engine;
  readonly duckdb: Engine;
  readonly indexOf: Engine;
  /** Null where Python has no pandas. */
  readonly pandas: Engine | null;
}

const PYTHONS = ['python3', '/usr/bin/python3'];
const BENCH = join(import.meta.dirname, '..');

/** Bundles the engines into a directory, each to one minified file as a function's would be. */
export async function buildEngines(directory: string): Promise<Engines> {
  mkdirSync(directory);
  symlinkSync(join(BENCH, 'node_modules'), join(directory, 'node_modules'));
  await build({
    entryPoints: ['ours', 'duckdb', 'index-of'].map((name) => join(import.meta.dirname, `engine-${name}.ts`)),
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: ['@duckdb/node-bindings*'],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
  const node = (name: string): Engine => ({
    name,
    command: [process.execPath, join(directory, `engine-${name}.mjs`)],
  });
  const python = PYTHONS.find((path) => spawnSync(path, ['-c', 'import pandas']).status === 0);
  return {
    ours: node('ours'),
    duckdb: node('duckdb'),
    indexOf: node('index-of'),
    pandas:
      python === undefined
        ? null
        : { name: 'pandas', command: [python, join(import.meta.dirname, 'engine_pandas.py')] },
  };
}

/** Runs an engine in a fresh process, to its end. */
export function run({ name, command }: Engine, path: string, digest = false): Measured {
  const [program, ...rest] = command;
  const { status, stdout, stderr } = spawnSync(program, [...rest, path, ...(digest ? ['digest'] : [])], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${name} failed:\n${stderr}`);
  return JSON.parse(stdout);
}
