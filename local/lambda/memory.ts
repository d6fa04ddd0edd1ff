import { readFileSync } from 'node:fs';

/** Most memory a process has had resident so far, in bytes; undefined where the system does not tell (not Linux). */
export function peakResidentBytes(processId: number): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${processId}/status`, 'latin1'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    // It has ended, or there is no /proc.
    return undefined;
  }
}
