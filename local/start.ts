/** `npm start`: runs the synthesised system on this machine, analyses the bundled sample through it, and stays up. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Compiled code is kept between runs; it must be on before the rest is loaded. The variable is for the CDK app, which
// runs in a process of its own.
const cache = fileURLToPath(new URL('../.local/compile-cache', import.meta.url));
enableCompileCache(cache);
process.env['NODE_COMPILE_CACHE'] ??= cache;
const { runStart } = await import('./command-line/start.ts');

process.exitCode = await runStart(process.argv.slice(2), process);
