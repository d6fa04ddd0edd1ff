import type { Compute } from './compute.ts';
import type { FunctionStatistics } from './lambda/function.ts';
import type { MappingLoad } from './lambda/mapping.ts';

/** What can be seen of functions while they run. */
export interface Observation {
  /** What each function has done so far, by name. */
  statistics(): Readonly<Record<string, FunctionStatistics>>;
  /** What each event source mapping may do at a time now, and does. */
  mappings(): MappingLoad[];
  /** Processes of execution environments that live, of one function or of all. */
  processIds(functionName?: string): number[];
}

export function observe({ functions, mappings }: Pick<Compute, 'functions' | 'mappings'>): Observation {
  return {
    statistics: () => Object.fromEntries([...functions].map(([name, { statistics }]) => [name, statistics])),
    mappings: () => mappings.map(({ load }) => load),
    processIds: (functionName) =>
      [...functions]
        .filter(([name]) => functionName === undefined || name === functionName)
        .flatMap(([, { processIds }]) => processIds),
  };
}
