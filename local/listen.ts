import type { Server } from 'node:http';
import { z } from 'zod';

const addressSchema = z.object({ port: z.number() });

/**
 * Listens on a port of the loopback interface; 0 is any free one.
 *
 * @param option of the command line, that chooses another port; a free one is never taken
 * @returns the port
 * @throws Error saying so when the port is taken
 */
export async function listenOnLoopback(server: Server, port: number, option = ''): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(isBusy(error) ? busyPort(port, option) : error));
    server.listen(port, '127.0.0.1', resolve);
  });
  return addressSchema.parse(server.address()).port;
}

function isBusy(error: Error): boolean {
  return 'code' in error && error.code === 'EADDRINUSE';
}

function busyPort(port: number, option: string): Error {
  return new Error(`Port ${port} is in use. Stop what listens there, or choose another port with ${option}.`);
}
