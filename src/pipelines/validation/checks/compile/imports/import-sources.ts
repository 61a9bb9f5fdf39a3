/** Source files whose imports are checked, and the files that an import can refer to. */
import { type Stats, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { yieldToLoop } from '../../../../../process/yield-to-loop.ts';
import type { Facts } from '../../../../detection/extract/facts.ts';
import type { CheckContext } from '../../../check/check.ts';
import { gitArguments } from '../../../repository/ask-git.ts';
import type { Repository } from '../../../repository/repository.ts';

export interface ImportingFile {
  readonly file: string;
  readonly facts: Facts;
  readonly isPython: boolean;
}

/** Folders of templates, whose imports are only valid after they are rendered or copied elsewhere. */
export const templateFolders = /(?:^|\/)(?:[^/]*templates?|scaffolds?|boilerplates?|skeletons?)(?:[-_][^/]*)?\//i;

/** Finds all source files. */
export async function findSourceFiles(repository: Repository): Promise<ImportingFile[]> {
  return [...(await repository.index())].map(([file, facts]) => ({
    file,
    facts,
    isPython: facts.language === 'python',
  }));
}

/** Finds all source files except templates. */
export async function findImportingFiles(repository: Repository): Promise<ImportingFile[]> {
  return (await findSourceFiles(repository)).filter(({ file }) => !templateFolders.test(file));
}

/** Existing files and folders of the workspace, tracked or untracked. */
export class WorkspacePaths {
  readonly #root: string;
  readonly #files: ReadonlySet<string>;
  /** Names of the tracked files in each folder. */
  readonly #fileNames = new Map<string, string[]>();

  constructor(root: string, files: readonly string[]) {
    this.#root = root;
    this.#files = new Set(files);
    for (const file of files) {
      const folder = posix.dirname(file);
      const names = this.#fileNames.get(folder);
      if (names) names.push(posix.basename(file));
      else this.#addFolder(folder, [posix.basename(file)]);
    }
  }

  #addFolder(folder: string, names: string[]): void {
    this.#fileNames.set(folder, names);
    const parent = posix.dirname(folder);
    if (folder !== '.' && !this.#fileNames.has(parent)) this.#addFolder(parent, []);
  }

  hasFile(file: string): boolean {
    return this.#files.has(file) || this.#stat(file)?.isFile() === true;
  }

  hasFolder(folder: string): boolean {
    return this.#fileNames.has(folder) || this.#stat(folder)?.isDirectory() === true;
  }

  #stat(path: string): Stats | undefined {
    return statSync(join(this.#root, path), { throwIfNoEntry: false });
  }

  /** Returns the names of the tracked files in a folder. */
  listFileNames(folder: string): readonly string[] {
    return this.#fileNames.get(folder) ?? [];
  }
}

/** Returns the paths that git ignores. Such files are usually build output. */
export async function findIgnored(
  { repository, run }: Pick<CheckContext, 'repository' | 'run'>,
  paths: readonly string[],
): Promise<ReadonlySet<string>> {
  if (!repository.git || paths.length === 0) return new Set();
  const result = await run('git', [...gitArguments, 'check-ignore', '-z', '--stdin'], {
    input: `${paths.join('\0')}\0`,
    maxBytes: 2 ** 24,
  });
  // Git refuses all paths if one of them is in a submodule or behind a symbolic link.
  if (result && result.code > 1 && paths.length > 1) {
    const middle = paths.length >> 1;
    const context = { repository, run };
    return new Set([
      ...(await findIgnored(context, paths.slice(0, middle))),
      ...(await findIgnored(context, paths.slice(middle))),
    ]);
  }
  return new Set(result?.stdout.split('\0').filter((path) => path !== ''));
}

/** Returns the folders of Git submodules, whether or not their content is here. */
export async function findSubmodules(repository: Repository): Promise<string[]> {
  const text = (await repository.text('.gitmodules')) ?? '';
  return [...text.matchAll(/^\s*path\s*=\s*(.+?)\s*$/gm)].map(([, path]) => path as string);
}

/** Iterates over items and yields to the event loop after every `interval` items. */
export async function* withYields<T>(items: Iterable<T>, interval = 200): AsyncGenerator<T> {
  let count = 0;
  for (const item of items) {
    if (++count % interval === 0) await yieldToLoop();
    yield item;
  }
}
