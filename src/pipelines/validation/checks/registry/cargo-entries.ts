/** Entry points of a Rust package: its declared programs and its library. */
import { posix } from 'node:path';
import { field } from '../../repository/manifest-formats.ts';
import type { Repository, Stack } from '../../repository/repository.ts';
import type { EntryPoint } from './entry-points.ts';

export async function readCargoEntries(repository: Repository, { folder, manifest }: Stack): Promise<EntryPoint[]> {
  const content = await repository.toml(manifest);
  const files = await repository.fileSet();
  const [programs, library] = [field(content, 'bin'), field(content, 'lib')];
  const entries: EntryPoint[] = [];
  const add = (name: string, paths: readonly string[]): void => {
    const exists = paths.some((path) => files.has(posix.join(folder, path)));
    entries.push(exists ? { name } : { name, problem: `the file ${paths[0]} does not exist.` });
  };
  for (const program of Array.isArray(programs) ? programs : []) {
    const [name, path] = [String(field(program, 'name')), field(program, 'path')];
    if (typeof path === 'string') add(name, [path]);
    else add(name, [`src/bin/${name}.rs`, `src/bin/${name}/main.rs`, 'src/main.rs']);
  }
  const path = field(library, 'path');
  if (typeof path === 'string') add('lib', [path]);
  return entries;
}
