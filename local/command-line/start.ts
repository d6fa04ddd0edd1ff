import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../../cli/errors.ts';
import { duration } from '../../cli/format.ts';
import { printLines } from '../../cli/terminal/io.ts';
import { resetDataDirectory } from '../data-directory.ts';
import { type LocalCloud, startLocalCloud } from '../local-cloud.ts';
import { TEST_TENANT } from '../tokens.ts';
import { outputOf, userOf } from '../user.ts';
import { runCommand } from './command.ts';
import { demonstrate } from './demonstration.ts';
import { descendantsOf } from './descendants.ts';
import { catchInterruption, type Interruption } from './interruption.ts';
import { inventoryLines } from './inventory.ts';
import { nextStepLines } from './next-steps.ts';
import { parseStartOptions, type StartOptions } from './options.ts';

const WORDS = { help: 'npm start -- --help', failed: 'the local cloud cannot run' };

/** Runs `npm start` to its end. @returns the exit code; every failure has been told on stderr */
export function runStart(args: readonly string[], host: NodeJS.Process): Promise<number> {
  return runCommand(host, WORDS, async () => {
    const options = parseStartOptions(args, (text) => host.stdout.write(text));
    const start: Start = { options, host, cloud: undefined };
    const interruption = catchInterruption(host, () => endAtOnce(host));
    try {
      return await run(start, interruption);
    } catch (error) {
      if (!interruption.signal.aborted) throw error;
      await say(start, '', 'Stopped before it was done.');
      return EXIT.interrupted;
    } finally {
      await start.cloud?.stop();
      interruption.release();
    }
  });
}

interface Start {
  readonly options: StartOptions;
  readonly host: NodeJS.Process;
  /** Once it is up. */
  cloud: LocalCloud | undefined;
}

async function run(start: Start, { signal }: Interruption): Promise<number> {
  const { options, host } = start;
  const { stage, data, port, apiPort, environments, speed } = options;
  if (options.reset) resetDataDirectory(data);
  const since = performance.now();
  await say(start, `Synthesising the CDK app (stage ${stage}) and starting what it defines, without AWS.`);
  const cloud = await startLocalCloud({
    stage,
    dataDirectory: data,
    ports: { aws: port, api: apiPort },
    ...(environments === undefined ? {} : { maxEnvironments: environments }),
    speed,
    onNews: (line) => void say(start, line),
    signal,
  });
  start.cloud = cloud;
  writeFileSync(join(data, 'outputs.json'), `${JSON.stringify(cloud.outputs, null, 2)}\n`);
  await say(
    start,
    `Up in ${duration((performance.now() - since) / 1000)}.`,
    '',
    ...inventoryLines(cloud),
    '',
  );

  const exitCode = options.sample ? await analyseSample(cloud, options, host, signal) : EXIT.done;
  if (options.once) return exitCode;
  await say(start, ...(options.sample ? [''] : []), ...nextStepLines(cloud, { tenant: TEST_TENANT, data }));
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  await say(start, '', 'Stopped.');
  return exitCode;
}

async function analyseSample(
  cloud: LocalCloud,
  { data: directory, quiet }: StartOptions,
  io: NodeJS.Process,
  signal: AbortSignal,
): Promise<number> {
  const bucket = outputOf(cloud, 'DataBucketName');
  const user = userOf(cloud, TEST_TENANT);
  try {
    return await demonstrate({ user, tenant: TEST_TENANT, bucket, directory, io, quiet, signal });
  } finally {
    user.close();
  }
}

async function say({ options, host }: Start, ...lines: string[]): Promise<void> {
  if (!options.quiet) await printLines(host.stderr, lines);
}

function endAtOnce(host: NodeJS.Process): void {
  for (const id of descendantsOf(host.pid)) {
    try {
      host.kill(id, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }
  host.exit(EXIT.interrupted);
}
