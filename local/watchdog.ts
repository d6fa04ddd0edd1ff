import { spawn } from 'node:child_process';

/**
 * Has a server end when this process does, however that happens: a shell waits for the end of its input, which comes when
 * nobody is left to write it.
 *
 * @returns how to call it off, once the server has ended
 */
export function endWithThisProcess(processId: number): () => void {
  const watchdog = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$0"', String(processId)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A signal for this process' group is not for it.
    detached: true,
  });
  watchdog.once('error', (error) => process.emitWarning(error));
  watchdog.unref();
  return () => {
    watchdog.kill('SIGKILL');
    watchdog.stdin.destroy();
  };
}
