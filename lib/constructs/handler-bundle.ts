import { globSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';

const FUNCTIONS = join(import.meta.dirname, '..', '..', 'lambdas', 'functions');

// Some packages of the bundle are CommonJS and call `require` for Node's own modules; an ES module has none.
const REQUIRE =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/**
 * The code of a function: one minified ES module with all it imports, SDK included, so that what was tested is what
 * runs. Named by its content, so that a deployment replaces only functions that changed.
 *
 * @param entry file of `lambdas/functions` without its extension, such as `plan-upload`
 */
export function handlerBundle(entry: string): Code {
  return Code.fromAsset(FUNCTIONS, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // For a build in a container, which is only made where the local one declines: never. But bundles are made once
      // for equal options, and the command is what tells them apart.
      image: DockerImage.fromRegistry('none'),
      command: [entry],
      local: {
        tryBundle: (directory) => {
          writeHandler(entry, directory);
          return true;
        },
      },
    },
  });
}

interface HandlerSource {
  readonly module: Uint8Array;
  /** Read when an error's stack is, so that it names our files and functions. */
  readonly sourceMap: Uint8Array;
}

let sources: ReadonlyMap<string, HandlerSource> | undefined;

/**
 * Writes the module of a function as `index.mjs`, and its source map. All functions are built together at the first call:
 * most of what they import is the same.
 *
 * @throws Error with esbuild's report when something does not build, or when there is no such entry
 */
export function writeHandler(entry: string, directory: string): void {
  sources ??= buildHandlers();
  const source = sources.get(entry);
  if (source === undefined) throw new Error(`There is no function lambdas/functions/${entry}.ts.`);
  writeFileSync(join(directory, 'index.mjs'), source.module);
  writeFileSync(join(directory, `${entry}.mjs.map`), source.sourceMap);
}

/** Names of all entries of `lambdas/functions`. */
export function handlerEntries(): string[] {
  return globSync('*.ts', { cwd: FUNCTIONS })
    .map((file) => basename(file, '.ts'))
    .sort();
}

function buildHandlers(): ReadonlyMap<string, HandlerSource> {
  const { outputFiles } = buildSync({
    entryPoints: handlerEntries().map((entry) => join(FUNCTIONS, `${entry}.ts`)),
    outdir: FUNCTIONS,
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    legalComments: 'none',
    logLevel: 'error',
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  return new Map(
    handlerEntries().map((entry) => {
      const module = files.get(`${entry}.mjs`);
      const sourceMap = files.get(`${entry}.mjs.map`);
      if (module === undefined || sourceMap === undefined) throw new Error(`${entry} was not built.`);
      return [entry, { module, sourceMap }];
    }),
  );
}
