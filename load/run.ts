/** `npm run load`: the scaling guide's load test against a deployment, as `docs/load.md` says. */
import { randomBytes } from 'node:crypto';
import { CommanderError } from 'commander';
import { installArtillery, playUsers } from './artillery.ts';
import { type CacheState, createBodies } from './bodies.ts';
import { isMet, type Measurement } from './measurement.ts';
import { openLoop } from './open-loop.ts';
import { type LoadOptions, parseLoadOptions } from './options.ts';
import { type LoadProfile, PROFILES } from './profiles.ts';
import { reportOf } from './report.ts';
import { isBearable, storm, stormReport } from './storm.ts';
import { sendOnce } from './target.ts';

const say = (text: string): void => void process.stderr.write(text);

function withOptions(profile: LoadProfile, { seconds, rate }: LoadOptions): LoadProfile {
  return {
    ...profile,
    ...(seconds !== undefined && { seconds }),
    ...(rate !== undefined && { perMinute: rate }),
  };
}

async function measure(options: LoadOptions, profile: LoadProfile, cache: CacheState): Promise<Measurement> {
  const { target: url, token } = options;
  const run = randomBytes(6).toString('hex');
  const nextBody = createBodies(cache, run);
  await sendOnce({ url, token }, nextBody);
  if (profile.kind === 'users') return playUsers(profile, url, { token, cache, run });
  return openLoop({ url, token, ...profile, nextBody, random: Math.random });
}

function titleOf({ title, seconds, ...profile }: LoadProfile, cache: CacheState): string {
  const load = profile.kind === 'users' ? `${profile.users} users` : `${profile.perMinute} requests a minute`;
  return `${title}: ${load} for ${seconds} s, cache ${cache}`;
}

/** @returns whether every target was met */
async function load(options: LoadOptions): Promise<boolean> {
  const chosen = PROFILES[options.profile];
  if (chosen.kind === 'storm') return flood(options, chosen.uploads);
  const profile = withOptions(chosen, options);
  if (profile.kind === 'users') await installArtillery(say);
  let met = true;
  for (const cache of options.cache) {
    const title = titleOf(profile, cache);
    say(`${title} …\n`);
    const measurement = await measure(options, profile, cache);
    process.stdout.write(`${reportOf(title, measurement)}\n`);
    met &&= measurement.results.every(isMet);
  }
  return met;
}

async function flood(options: LoadOptions, usual: number): Promise<boolean> {
  const { target: url, token, otherToken = '', uploads = usual } = options;
  say(`dataset storm: ${uploads} uploads …\n`);
  const measured = await storm({ url, token, otherToken, uploads });
  process.stdout.write(`${stormReport(measured)}\n`);
  return isBearable(measured);
}

try {
  const options = parseLoadOptions(process.argv.slice(2), process.env, (text) => process.stdout.write(text));
  process.exitCode = (await load(options)) ? 0 : 1;
} catch (error) {
  const isUse = error instanceof CommanderError;
  process.exitCode = isUse ? (error.exitCode === 0 ? 0 : 2) : 1;
  if (process.exitCode !== 0) say(`${error instanceof Error ? error.message : String(error)}\n`);
}
