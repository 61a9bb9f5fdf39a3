/** Fingerprints of sets of files. While a fingerprint is unchanged, a cached tool report is still valid. */

import { lstat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { readRegularText } from '../../../../../process/read-regular-file.ts';
import { parseJson } from '../../../../../protocol/parse-json.ts';
import { hashOf } from '../../../../detection/files/content-hash.ts';
import type { CheckContext } from '../../../check/check.ts';
import { gitArguments } from '../../../repository/ask-git.ts';
import { field, texts } from '../../../repository/manifest-formats.ts';
import { withYields } from '../imports/import-sources.ts';

/** Files that change with the installed packages, which affect reports without a change of the workspace. */
const installMarkers = [
  'node_modules/.package-lock.json',
  'node_modules/.modules.yaml',
  'node_modules/.yarn-state.yml',
  '.venv/pyvenv.cfg',
];
/** Files that may configure a tool. */
const toolSettings =
  /(?:^|\/)(?:[^/]*rc|[^/]*rc\.\w+|[^/]*\.config\.\w+|[^/]*\.(?:json|jsonc|toml|ini|cfg|lock|ya?ml)|\.[^/]+ignore|\.editorconfig|go\.(?:mod|sum|work))$/;
const maxListBytes = 64 * 1024 * 1024;

interface Fingerprint {
  readonly text: string;
  /** Change time of the newest file. A file that changed right before the tool started may have changed again since. */
  readonly newestMs: number;
}

/** Lists tracked files, and untracked files that are not ignored. Tools read both. */
export async function listToolFiles({ repository, run }: CheckContext): Promise<string[]> {
  const args = [...gitArguments, 'ls-files', '-z', '--others', '--exclude-standard'];
  const untracked = repository.git ? await run('git', args, { maxBytes: maxListBytes }) : undefined;
  return [...(await repository.files()), ...(untracked?.stdout.split('\0').filter((file) => file !== '') ?? [])];
}

/** Fingerprints the files that match `inputs`, and all files that may configure a tool. */
export async function fingerprintFiles(root: string, files: readonly string[], inputs: RegExp): Promise<Fingerprint> {
  const selected = files.filter((file) => inputs.test(file) || toolSettings.test(file));
  let newestMs = 0;
  const stamps: string[] = [];
  for await (const file of withYields([...selected, ...installMarkers], 50)) {
    const stat = await lstat(join(root, file)).catch(() => undefined);
    newestMs = Math.max(newestMs, stat?.ctimeMs ?? 0);
    stamps.push(stat ? `${file}\0${stat.size}\0${stat.mtimeMs}\0${stat.ctimeMs}\0${stat.ino}` : file);
  }
  return { text: hashOf(stamps.join('\n')), newestMs };
}

/** Larger build information is ignored, so the compiler runs. */
const maxBuildInfoBytes = 64e6;

/**
 * Fingerprints the files that the TypeScript compiler has read, according to its build info. Includes the names of all
 * other scripts, because a new file can change the result too. Returns undefined without build info.
 */
export async function fingerprintCompiledFiles(
  root: string,
  files: readonly string[],
  buildInfo: string,
): Promise<Fingerprint | undefined> {
  const text = readRegularText(buildInfo, { maxBytes: maxBuildInfoBytes });
  const names = text === undefined ? [] : texts(field(parseJson(text), 'fileNames'));
  const compiled = names
    .map((name) =>
      relative(root, resolve(dirname(buildInfo), name))
        .split(sep)
        .join('/'),
    )
    .filter((file) => !file.startsWith('..') && !file.includes('node_modules/'));
  if (compiled.length === 0) return undefined;
  const compiledSet = new Set(compiled);
  const fingerprint = await fingerprintFiles(
    root,
    [...compiled, ...files.filter((file) => toolSettings.test(file))],
    /./,
  );
  const others = files.filter((file) => /\.[cm]?[jt]sx?$/.test(file) && !compiledSet.has(file));
  return { ...fingerprint, text: hashOf(`${fingerprint.text}\n${others.join('\n')}`) };
}
