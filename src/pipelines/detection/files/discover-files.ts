/** Finds the source files of a workspace with git. Without git, it walks the folders and applies their ignore rules. */

import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { count, measured } from '../../../probe/api/api.ts';
import { readRegularText } from '../../../process/read-regular-file.ts';
import { type Language, languageOf } from '../extract/languages.ts';
import { type ListedFiles, listWithGit } from './list-with-git.ts';

/** Folders with dependencies or data of tools; the walk does not enter them. */
export const skippedFolders: ReadonlySet<string> = new Set([
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  'bower_components',
  '__pycache__',
  '.venv',
  'venv',
  '.tox',
  '.nox',
  '.mypy_cache',
  '.pytest_cache',
  '.vscode-test',
]);
const maxFolderDepth = 100;

export interface SourceFile {
  /** Path relative to the workspace, with `/`. */
  readonly name: string;
  readonly language: Language;
}

/** Returns all files of the workspace that are not ignored, as sorted paths with `/`. */
export const listFiles = measured('file_discovery', 'list_files', async (workspace: string): Promise<ListedFiles> => {
  const listing = await listWithGit(workspace);
  // If the workspace is an ignored folder of a repository, git lists no files in it.
  if (!listing?.names.length) return { names: [...new Set(await walkFiles(workspace))].sort(), absent: [] };
  return { names: [...new Set(listing.names)].sort(), absent: listing.absent };
});

/** Returns the files in a supported language. */
export const filterFiles = measured('file_discovery', 'filter_files', (names: readonly string[]): SourceFile[] => {
  const files: SourceFile[] = [];
  for (const name of names) {
    const language = languageOf(name);
    if (language) files.push({ name, language });
  }
  count('files', files.length, { component: 'file_discovery' });
  return files;
});

interface IgnoreRules {
  /** Folder of the ignore file, relative to the workspace and with a trailing `/`; empty for the workspace itself. */
  readonly base: string;
  readonly ignores: (name: string) => boolean;
}

/** Lists the files that git would list, using only the `.gitignore` files in the workspace. */
export async function walkFiles(workspace: string): Promise<string[]> {
  const { default: ignore } = await import('ignore');
  const names: string[] = [];
  const visit = (folder: string, outerRules: readonly IgnoreRules[], depth: number): void => {
    const entries = readEntries(join(workspace, folder));
    let rules = outerRules;
    if (entries.some((entry) => entry.isFile() && entry.name === '.gitignore')) {
      const matcher = ignore().add(readText(join(workspace, folder, '.gitignore')));
      rules = [...outerRules, { base: folder, ignores: (name) => matcher.ignores(name) }];
    }
    for (const entry of entries) {
      const name = `${folder}${entry.name}`;
      // Symbolic links are not followed: their targets are outside of the workspace or are found elsewhere in it.
      if (entry.isDirectory()) {
        if (skippedFolders.has(entry.name) || depth >= maxFolderDepth || isIgnored(`${name}/`, rules)) continue;
        visit(`${name}/`, rules, depth + 1);
      } else if (entry.isFile() && !isIgnored(name, rules)) names.push(name);
    }
  };
  visit('', [], 0);
  return names;
}

function isIgnored(name: string, rules: readonly IgnoreRules[]): boolean {
  return rules.some(({ base, ignores }) => ignores(name.slice(base.length)));
}

function readEntries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function readText(path: string): string {
  return readRegularText(path, { maxBytes: maxIgnoreBytes }) ?? '';
}

/** Larger lists of ignored files are not read. */
const maxIgnoreBytes = 1e6;
