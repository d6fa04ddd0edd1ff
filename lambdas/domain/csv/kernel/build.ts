/**
 * Compiles `scan.as.ts` and writes the WebAssembly module as text into `binary.ts`, so that it needs no file at run
 * time and goes into any bundle: `npm run build:kernel`.
 */
import { writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const SOURCE = 'scan.as.ts';
const OPTIONS = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--use', 'abort=', '--initialMemory', '28'];

/** The text of `binary.ts` that belongs to the source as it is now. */
export async function buildBinary(): Promise<string> {
  let wasm = new Uint8Array(0);
  const { error, stderr } = await asc.main(
    [SOURCE, '--baseDir', import.meta.dirname, '--outFile', 'scan.wasm', ...OPTIONS],
    {
      writeFile: (name: string, contents: string | Uint8Array) => {
        if (name === 'scan.wasm' && typeof contents !== 'string') wasm = Uint8Array.from(contents);
      },
    },
  );
  if (error !== null || wasm.length === 0) {
    throw new Error(`${SOURCE} does not compile:\n${stderr.toString()}`, { cause: error });
  }
  const base64 = Buffer.from(wasm).toString('base64');
  return `/** The WebAssembly module of \`${SOURCE}\`, made by \`npm run build:kernel\`. */\nexport const BINARY =\n  '${base64}';\n`;
}

if (import.meta.main) writeFileSync(new URL('binary.ts', import.meta.url), await buildBinary());
