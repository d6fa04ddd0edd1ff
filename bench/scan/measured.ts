import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

/** What an engine's process says of itself, as its only line of output. */
export interface Measured {
  /** User and system time of the whole process, its start included. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  /** Number of (item, day) groups, or of lines for an engine that does not group. */
  readonly groups: number;
  /** Digest of all groups in order, where it was asked for. */
  readonly digest?: string;
}

/** Prints what this process has used so far. */
export function report(groups: number, digest?: string): void {
  const { user, system } = process.cpuUsage();
  const measured: Measured = {
    cpuSeconds: (user + system) / 1e6,
    peakBytes: peakBytes(),
    groups,
    ...(digest === undefined ? {} : { digest }),
  };
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}

/**
 * The most memory that this program had resident. Linux counts it since the program began; the figure of `getrusage`
 * begins before that, with the memory of whatever process started it.
 */
function peakBytes(): number {
  const status = '/proc/self/status';
  const highWater = existsSync(status)
    ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1]
    : undefined;
  return 1024 * Number(highWater ?? process.resourceUsage().maxRSS);
}

/** Digests groups that come in order of item by bytes, then day. */
export class GroupDigest {
  readonly #hash = createHash('sha256');

  add(item: string, day: string, impressions: bigint, clicks: bigint, spendMicros: bigint): void {
    this.#hash.update(`${JSON.stringify(item)} ${day} ${impressions} ${clicks} ${spendMicros}\n`);
  }

  end(): string {
    return this.#hash.digest('hex');
  }
}
