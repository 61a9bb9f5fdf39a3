/** How files look, as one short text: while it is the same, what a tool said of them still holds. */
import { lstat, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { hashOf } from '../../../../detection/files/content-hash.ts';
import type { Context } from '../../../check/check.ts';
import { gitArguments } from '../../../repository/ask-git.ts';
import { field, texts } from '../../../repository/manifest-formats.ts';
import { inTurns } from '../imports/import-sources.ts';
import { parsed } from '../lockfile/parse-json.ts';

/** Say which packages are installed: they change what tools say without a change of the workspace. */
const installed = [
  'node_modules/.package-lock.json',
  'node_modules/.modules.yaml',
  'node_modules/.yarn-state.yml',
  '.venv/pyvenv.cfg',
];
/** Files that configure tools, wherever they stand. */
const settings =
  /(?:^|\/)(?:[^/]*rc|[^/]*rc\.\w+|[^/]*\.config\.\w+|[^/]*\.(?:json|jsonc|toml|ini|cfg|lock|ya?ml)|\.[^/]+ignore|\.editorconfig|go\.(?:mod|sum|work))$/;
const listBytes = 64 * 1024 * 1024;

export interface Print {
  readonly text: string;
  /** The youngest of the files: one as young as the tool's start may have changed behind its back. */
  readonly changedMs: number;
}

/** Tracked files, and those that git would take: tools read both. */
export async function namesOf({ repository, run }: Context): Promise<string[]> {
  const args = [...gitArguments, 'ls-files', '-z', '--others', '--exclude-standard'];
  const others = repository.git ? await run('git', args, { maxBytes: listBytes }) : undefined;
  return [...(await repository.files()), ...(others?.stdout.split('\0').filter((name) => name !== '') ?? [])];
}

/** Of the files that fit, and of all that configures tools. */
export async function printOf(root: string, names: readonly string[], inputs: RegExp): Promise<Print> {
  const wanted = names.filter((file) => inputs.test(file) || settings.test(file));
  let changedMs = 0;
  const looks: string[] = [];
  for await (const name of inTurns([...wanted, ...installed], 50)) {
    const stat = await lstat(join(root, name)).catch(() => undefined);
    changedMs = Math.max(changedMs, stat?.ctimeMs ?? 0);
    looks.push(stat ? `${name}\0${stat.size}\0${stat.mtimeMs}\0${stat.ctimeMs}\0${stat.ino}` : name);
  }
  return { text: hashOf(looks.join('\n')), changedMs };
}

/**
 * Of the files that the compiler has read for a project, as it has written down in `info`, and of the names of all that
 * it may read: a new file is a change too. Nothing where it has written nothing.
 */
export async function compiledPrint(root: string, names: readonly string[], info: string): Promise<Print | undefined> {
  const text = await readFile(info, 'utf8').catch(() => undefined);
  const read = text === undefined ? [] : texts(field(parsed(text), 'fileNames'));
  const own = read
    .map((name) =>
      relative(root, resolve(dirname(info), name))
        .split(sep)
        .join('/'),
    )
    .filter((name) => !name.startsWith('..') && !name.includes('node_modules/'));
  if (own.length === 0) return undefined;
  const known = new Set(own);
  const print = await printOf(root, [...own, ...names.filter((name) => settings.test(name))], /./);
  const others = names.filter((name) => /\.[cm]?[jt]sx?$/.test(name) && !known.has(name));
  return { ...print, text: hashOf(`${print.text}\n${others.join('\n')}`) };
}
