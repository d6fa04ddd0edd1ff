import type { Stage } from '../../../lib/config/stage.ts';
import type { Assembly, Json, Resource } from '../template.ts';

/** A deliberate mistake that one invariant has to notice. */
export interface Break {
  /** The invariant that has to notice. */
  readonly invariant: string;
  readonly what: string;
  readonly stage?: Stage['name'];
  readonly inflict: (assembly: Assembly) => void;
  /** Part of the finding it has to give. */
  readonly finding: string;
}

export function stack(assembly: Assembly, id: string): Assembly['stacks'][number] {
  return assembly.stacks.find((candidate) => candidate.id === id)!;
}

/** The one resource of a stack with this logical id, hash aside. */
export function resource(assembly: Assembly, id: string, logicalIdPrefix: string): Resource {
  const found = Object.entries(stack(assembly, id).template.Resources).filter(([logicalId]) =>
    new RegExp(`^${logicalIdPrefix}[0-9A-F]{8}$`).test(logicalId),
  );
  if (found.length !== 1) throw new Error(`${found.length} resources are called ${id}/${logicalIdPrefix}`);
  return found[0]![1];
}

export function set(id: string, logicalIdPrefix: string, changes: Record<string, Json>): Break['inflict'] {
  return (assembly) => {
    Object.assign(resource(assembly, id, logicalIdPrefix).Properties, changes);
  };
}

export function unset(id: string, logicalIdPrefix: string, property: string): Break['inflict'] {
  return (assembly) => {
    delete resource(assembly, id, logicalIdPrefix).Properties[property];
  };
}

export function drop(id: string, logicalIdPrefix: string): Break['inflict'] {
  return (assembly) => {
    const dropped = resource(assembly, id, logicalIdPrefix);
    const { Resources } = stack(assembly, id).template;
    for (const [logicalId, candidate] of Object.entries(Resources)) {
      if (candidate === dropped) delete Resources[logicalId];
    }
  };
}
