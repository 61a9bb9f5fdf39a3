/** Entry points of a Python package: functions that become programs when it is installed. */
import { posix } from 'node:path';
import { field } from '../../repository/manifest-formats.ts';
import type { Repository, Stack } from '../../repository/repository.ts';
import type { EntryPoint } from './entry-points.ts';

/** Folders of a project that may contain its packages. */
const sourceFolders = ['', 'src', 'lib', 'python', 'source'];

export async function readPythonEntries(repository: Repository, stack: Stack): Promise<EntryPoint[]> {
  if (!stack.manifest.endsWith('pyproject.toml')) return [];
  const content = await repository.toml(stack.manifest);
  const project = field(content, 'project');
  const tables = [
    field(project, 'scripts'),
    field(project, 'gui-scripts'),
    field(field(field(content, 'tool'), 'poetry'), 'scripts'),
  ];
  const entries: EntryPoint[] = [];
  for (const [name, target] of tables.flatMap((table) => Object.entries(table ?? {}))) {
    const [, module, attribute] = /^([\w.]+)\s*:\s*(\w+)/.exec(String(target)) ?? [];
    if (module === undefined || attribute === undefined) continue;
    const problem = await findProblem(repository, stack.folder, module, attribute);
    entries.push({ name, ...(problem === undefined ? {} : { problem }) });
  }
  return entries;
}

/** Returns undefined if the package is not in a usual place, because the project may map its folders. */
async function findProblem(
  repository: Repository,
  folder: string,
  module: string,
  attribute: string,
): Promise<string | undefined> {
  const files = await repository.files();
  const fileSet = await repository.fileSet();
  const path = module.replaceAll('.', '/');
  const [top = ''] = path.split('/');
  const isIn = (base: string, name: string): boolean => {
    const prefix = posix.join(folder, base, name);
    return fileSet.has(`${prefix}.py`) || files.some((file) => file.startsWith(`${prefix}/`) && file.endsWith('.py'));
  };
  const base = sourceFolders.find((candidate) => isIn(candidate, top));
  if (base === undefined) return undefined;
  const file = [`${path}.py`, `${path}/__init__.py`]
    .map((name) => posix.join(folder, base, name))
    .find((name) => fileSet.has(name));
  if (file === undefined) {
    // An extension module, or one that a build creates from another file.
    const stem = `${posix.join(folder, base, path)}.`;
    const isGenerated = files.some((name) => name.startsWith(stem)) || isIn(base, path);
    return isGenerated ? undefined : `the module ${module} does not exist.`;
  }
  const text = (await repository.text(file)) ?? attribute;
  if (new RegExp(`\\b${attribute}\\b|\\bimport \\*|__getattr__`).test(text)) return undefined;
  return `${file} does not define ${attribute}.`;
}
