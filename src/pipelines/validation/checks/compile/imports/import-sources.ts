/** The sources whose imports are judged, and whether what they name is there. */
import { type Stats, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Facts } from '../../../../detection/extract/facts.ts';
import type { Context } from '../../../check/check.ts';
import { gitArguments } from '../../../repository/ask-git.ts';
import type { Repository } from '../../../repository/repository.ts';

export interface Source {
  readonly file: string;
  readonly facts: Facts;
  readonly isPython: boolean;
}

/** What is filled in or copied elsewhere before it runs. */
const templates = /(?:^|\/)(?:[^/]*templates?|scaffolds?|boilerplates?|skeletons?)(?:[-_][^/]*)?\//i;

/** Without templates: their imports are right elsewhere. */
export async function sourcesOf(repository: Repository): Promise<Source[]> {
  const index = await repository.index();
  return [...index]
    .filter(([file]) => !templates.test(file))
    .map(([file, facts]) => ({ file, facts, isPython: facts.language === 'python' }));
}

/** Files and folders of the workspace by name, tracked or only there. */
export class Places {
  readonly #root: string;
  readonly #files: ReadonlySet<string>;
  /** Names of the files in each folder. */
  readonly #folders = new Map<string, string[]>();

  constructor(root: string, files: readonly string[]) {
    this.#root = root;
    this.#files = new Set(files);
    for (const file of files) {
      const folder = posix.dirname(file);
      const known = this.#folders.get(folder);
      if (known) known.push(posix.basename(file));
      else this.#addFolder(folder, [posix.basename(file)]);
    }
  }

  #addFolder(folder: string, names: string[]): void {
    this.#folders.set(folder, names);
    const outer = posix.dirname(folder);
    if (folder !== '.' && !this.#folders.has(outer)) this.#addFolder(outer, []);
  }

  hasFile(file: string): boolean {
    return this.#files.has(file) || this.#stat(file)?.isFile() === true;
  }

  hasFolder(folder: string): boolean {
    return this.#folders.has(folder) || this.#stat(folder)?.isDirectory() === true;
  }

  #stat(path: string): Stats | undefined {
    return statSync(join(this.#root, path), { throwIfNoEntry: false });
  }

  /** Of the tracked files in a folder. */
  namesIn(folder: string): readonly string[] {
    return this.#folders.get(folder) ?? [];
  }
}

/** Those of these paths that git ignores: they are made by the build. */
export async function ignoredOf({ repository, run }: Context, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (!repository.git || paths.length === 0) return new Set();
  const ran = await run('git', [...gitArguments, 'check-ignore', '-z', '--stdin'], {
    input: `${paths.join('\0')}\0`,
    maxBytes: 2 ** 24,
  });
  return new Set(ran?.stdout.split('\0').filter((path) => path !== ''));
}

/** Gives way to others between files: lists of imports are long. */
export async function* inTurns<T>(items: Iterable<T>, stretch = 200): AsyncGenerator<T> {
  let count = 0;
  for (const item of items) {
    if (++count % stretch === 0) await new Promise((resolve) => setImmediate(resolve));
    yield item;
  }
}
