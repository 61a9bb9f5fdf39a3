/** Fingerprints of sets of files. While a fingerprint is unchanged, a cached tool report is still valid. */

import { lstatSync, type Stats } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { readRegularText } from '../../../../../process/read-regular-file.ts';
import { createYielder } from '../../../../../process/yield-to-loop.ts';
import { parseJson } from '../../../../../protocol/parse-json.ts';
import { hashOf } from '../../../../detection/files/content-hash.ts';
import { field, texts } from '../../../repository/manifest-formats.ts';

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

interface Fingerprint {
  readonly text: string;
  /** Change time of the newest file. A file that changed right before the tool started may have changed again since. */
  readonly newestMs: number;
}

/** Fingerprints the files that match `inputs`, and all files that may configure a tool. */
export async function fingerprintFiles(root: string, files: readonly string[], inputs: RegExp): Promise<Fingerprint> {
  const selected = files.filter((file) => inputs.test(file) || toolSettings.test(file));
  let newestMs = 0;
  const stamps: string[] = [];
  const yieldIfDue = createYielder();
  for (const file of [...selected, ...installMarkers]) {
    await yieldIfDue();
    // Synchronous on purpose: the call takes microseconds, less than waiting for a free thread of the pool.
    const stat = statOf(join(root, file));
    newestMs = Math.max(newestMs, stat?.ctimeMs ?? 0);
    stamps.push(stat ? `${file}\0${stat.size}\0${stat.mtimeMs}\0${stat.ctimeMs}\0${stat.ino}` : file);
  }
  return { text: hashOf(stamps.join('\n')), newestMs };
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // For example a file where a folder should be.
    return undefined;
  }
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
