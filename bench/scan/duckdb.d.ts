/** As much of DuckDB's package as the benchmark uses: the package itself is there only where benchmarks run. */
declare module '@duckdb/node-api' {
  interface Chunk {
    readonly rowCount: number;
    getRows(): unknown[][];
  }
  interface Result {
    fetchChunk(): Promise<Chunk | null>;
  }
  interface Connection {
    run(sql: string): Promise<Result>;
    runAndReadAll(sql: string): Promise<{ getRows(): unknown[][] }>;
    stream(sql: string): Promise<Result>;
  }
  export class DuckDBInstance {
    static create(path: string, options: Readonly<Record<string, string>>): Promise<DuckDBInstance>;
    connect(): Promise<Connection>;
  }
}
