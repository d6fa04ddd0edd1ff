import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/** Lines stand in memory so long at most: a busy API writes thousands a second, and a line a write is most of their price. */
const GATHER_MS = 10;

interface LogFile {
  readonly stream: WriteStream;
  /** Lines that are not written yet. */
  gathered: string;
}

/** Log files of a start and those before it, one a function or service, each line with its time. */
export class Logs {
  /** Where the files lie: `<source>.log`. */
  readonly directory: string;
  readonly #echo: (source: string, line: string) => void;
  readonly #files = new Map<string, LogFile>();
  #flushing: NodeJS.Timeout | undefined;

  /** @param echo is told every line too, without its time */
  constructor(directory: string, echo: (source: string, line: string) => void) {
    this.directory = directory;
    this.#echo = echo;
    mkdirSync(directory, { recursive: true });
  }

  /** Writes the lines of one source. */
  of(source: string): (line: string) => void {
    return (line) => {
      this.#file(source).gathered += `${new Date().toISOString()} ${line}\n`;
      this.#flushing ??= setTimeout(() => this.#flush(), GATHER_MS);
      this.#echo(source, line);
    };
  }

  async close(): Promise<void> {
    this.#flush();
    const files = [...this.#files.values()];
    this.#files.clear();
    await Promise.all(files.map(({ stream }) => new Promise<void>((resolve) => stream.end(resolve))));
  }

  #flush(): void {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    for (const file of this.#files.values()) {
      if (file.gathered !== '') file.stream.write(file.gathered);
      file.gathered = '';
    }
  }

  #file(source: string): LogFile {
    const known = this.#files.get(source);
    if (known !== undefined) return known;
    const stream = createWriteStream(join(this.directory, `${source}.log`), { flags: 'a' });
    const file = { stream, gathered: '' };
    this.#files.set(source, file);
    return file;
  }
}
