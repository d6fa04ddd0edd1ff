import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/** Log files of a start and those before it, one a function or service, each line with its time. */
export class Logs {
  readonly #directory: string;
  readonly #echo: (source: string, line: string) => void;
  readonly #files = new Map<string, WriteStream>();

  /** @param echo is told every line too, without its time */
  constructor(directory: string, echo: (source: string, line: string) => void) {
    this.#directory = directory;
    this.#echo = echo;
    mkdirSync(directory, { recursive: true });
  }

  /** Writes the lines of one source. */
  of(source: string): (line: string) => void {
    return (line) => {
      this.#file(source).write(`${new Date().toISOString()} ${line}\n`);
      this.#echo(source, line);
    };
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    await Promise.all(files.map((file) => new Promise<void>((resolve) => file.end(resolve))));
  }

  #file(source: string): WriteStream {
    const known = this.#files.get(source);
    if (known !== undefined) return known;
    const file = createWriteStream(join(this.#directory, `${source}.log`), { flags: 'a' });
    this.#files.set(source, file);
    return file;
  }
}
