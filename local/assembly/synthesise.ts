import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { jsonObjectSchema } from './json.ts';

export interface SynthesisOptions {
  /** Program of the CDK app, run by this Node. */
  readonly app: string;
  readonly outdir: string;
  /** What `-c name=value` would give. */
  readonly context?: Readonly<Record<string, string>>;
  /** Ends it before its time. */
  readonly signal?: AbortSignal | undefined;
}

const cdkJsonSchema = z.looseObject({ context: jsonObjectSchema.default({}) });

/**
 * Synthesises a CDK app into `outdir` as the CDK command line does, with the feature flags of `cdk.json`, functions
 * bundled. CloudFormation's own validation of templates is left to `cdk synth` and the tests: it costs seconds.
 *
 * @throws Error with the app's output when it fails, AbortError when it was ended
 */
export async function synthesise({ app, outdir, context = {}, signal }: SynthesisOptions): Promise<void> {
  const cdkJson = cdkJsonSchema.parse(JSON.parse(readFileSync('cdk.json', 'utf8')));
  rmSync(outdir, { recursive: true, force: true });
  const child = spawn(process.execPath, [app], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
    env: {
      ...process.env,
      // The flag of cdk.json only says whether what the validation finds is an error.
      CDK_VALIDATION: 'false',
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({
        ...cdkJson.context,
        '@aws-cdk/core:validationReportPrettyPrint': false,
        ...context,
      }),
    },
  });
  const output: string[] = [];
  child.stdout.on('data', (data) => output.push(String(data)));
  child.stderr.on('data', (data) => output.push(String(data)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`The CDK app ${app} did not synthesise:\n${output.join('')}`);
}
