/** The files of a workspace whose facts are all in memory. */
import type { FileUnit } from './file-unit.ts';
import type { UnitSource } from './name-resolver.ts';

export function loadUnits(units: readonly FileUnit[]): UnitSource {
  const byName = new Map(units.map((unit) => [unit.name, unit]));
  let methods: Map<string, string[]> | undefined;
  return {
    names: byName.keys(),
    get: (name) => byName.get(name),
    ambientUnits: units.filter(({ facts }) => facts.ambientModules !== undefined),
    methodFiles: (name) => {
      methods ??= groupMethods(units.map((unit) => [unit.name, unit.methodNames]));
      return methods.get(name) ?? [];
    },
  };
}

/** Returns the files by the names of their methods, once for each method. */
export function groupMethods(
  files: Iterable<readonly [file: string, methods: readonly string[]]>,
): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const [file, methods] of files) {
    for (const name of methods) {
      const list = byName.get(name);
      if (list) list.push(file);
      else byName.set(name, [file]);
    }
  }
  return byName;
}
