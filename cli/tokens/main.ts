/** `npm run tokens`: the tokens of a deployment, for its operators. */
import { runTokens } from './program.ts';

process.exitCode = await runTokens(process.argv.slice(2), process);
