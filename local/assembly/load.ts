import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Assembly, readAssembly } from './read.ts';
import { synthesise } from './synthesise.ts';

const APP = 'bin/creative-dynamics.ts';

export interface AssemblySource {
  /** Program of the CDK app; the one of `cdk.json` by default. */
  readonly app?: string;
  /** Stage of the app; `dev` by default. */
  readonly stage?: string;
  /** Directory of a cloud assembly to take as it is, instead of synthesising the app. */
  readonly assembly?: string;
  readonly signal?: AbortSignal;
}

/**
 * The cloud assembly to run, with the packages at hand that Lambda's runtime has.
 *
 * @param outdir where to synthesise to
 */
export async function loadAssembly(
  { app = APP, stage = 'dev', assembly, signal }: AssemblySource,
  outdir: string,
): Promise<Assembly> {
  if (assembly === undefined) await synthesise({ app, outdir, context: { stage }, signal });
  const directory = assembly ?? outdir;
  // Lambda's runtime brings the SDK; functions that are bundled without it find it here.
  const modules = join(directory, 'node_modules');
  mkdirSync(modules, { recursive: true });
  for (const scope of ['@aws-sdk', '@smithy']) {
    const link = join(modules, scope);
    if (!existsSync(link)) symlinkSync(resolve('node_modules', scope), link);
  }
  return readAssembly(directory);
}
