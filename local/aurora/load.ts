import { readFileSync } from 'node:fs';

/** What the processes of a server do. */
export interface ServerLoad {
  /** Processor time of all that there are, and of those that have ended. */
  readonly cpuSeconds: number;
  readonly connections: number;
}

// What Linux counts processor time in, on every machine of today.
const TICKS_PER_SECOND = 100;

/**
 * The load of a PostgreSQL server, by what the system tells of its processes.
 *
 * @returns undefined where the system does not tell, as outside Linux, and of a server that has ended
 */
export function serverLoad(processId: number): ServerLoad | undefined {
  const children = read(`/proc/${processId}/task/${processId}/children`)?.trim().split(' ').map(Number);
  const own = ticksOf(processId);
  if (children === undefined || own === undefined) return undefined;
  let ticks = own.itself + own.ended;
  let connections = 0;
  for (const child of children) {
    ticks += ticksOf(child)?.itself ?? 0;
    if (isClient(read(`/proc/${child}/cmdline`) ?? '')) connections += 1;
  }
  return { cpuSeconds: ticks / TICKS_PER_SECOND, connections };
}

/** Times of `/proc/<id>/stat`: its own, and of the children that it has seen end. */
function ticksOf(processId: number): { itself: number; ended: number } | undefined {
  const stat = read(`/proc/${processId}/stat`);
  if (stat === undefined) return undefined;
  // The second field is a name in parentheses, which may have anything in it.
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  return { itself: utime + stime, ended: cutime + cstime };
}

/** By the title that PostgreSQL gives a process: `postgres: user database [local] idle`. */
function isClient(title: string): boolean {
  return title.includes('[local]') && !title.includes('walsender') && !title.includes('rdsadmin');
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended, or there is no such directory on this system.
    return undefined;
  }
}
