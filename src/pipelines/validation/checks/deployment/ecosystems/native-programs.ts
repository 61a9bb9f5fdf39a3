/** Selects what a build of C or C++ has created: libraries, and programs that handle the option for their version. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isExecutable, listFilesBelow } from '../building/created-files.ts';
import type { BuiltProgram, ProjectBuild } from '../building/ecosystem.ts';

const libraryFile = /\.(?:a|lib|dll|dylib|so(?:\.\d+)*)$/;
/** Folders and files that only the build system reads, or that are steps of the build. */
const intermediate =
  /(?:^|\/)(?:CMakeFiles|_deps|meson-(?:private|info|logs)|[^/]+\.p|\.git)(?:\/|$)|\.(?:o|obj|d|sh|py|pl|cmake)$/;
/** Programs that are not deployed. */
const testProgram = /(?:^|[-_./])(?:tests?|unittests?|bench(?:mark)?|fuzz\w*|examples?)(?:[-_./]|$)/i;
const maxProgramBytes = 50_000_000;

/** @param earlier files that were there before the build */
export async function nativeResult(
  folder: string,
  manifest: string,
  version: string | undefined,
  earlier: ReadonlySet<string> = new Set(),
): Promise<ProjectBuild> {
  const artifacts: string[] = [];
  const programs: BuiltProgram[] = [];
  for (const file of await listFilesBelow(folder, (name) => intermediate.test(name))) {
    if (earlier.has(file) || testProgram.test(file.slice(folder.length))) continue;
    const isProgram = !libraryFile.test(file) && (await isExecutable(file));
    if (!isProgram && !libraryFile.test(file)) continue;
    artifacts.push(file);
    if (!isProgram || !(await handlesVersion(file))) continue;
    programs.push({ manifest, name: basename(file), command: file, args: [], ...(version ? { version } : {}) });
  }
  return { kind: 'built', artifacts, programs };
}

/** Returns whether a program contains the option as a separate string, or as the name of a long option. */
async function handlesVersion(file: string): Promise<boolean> {
  if ((await stat(file)).size > maxProgramBytes) return false;
  const content = await readFile(file, 'latin1');
  return (
    content.includes('\0--version\0') ||
    (content.includes('\0version\0') && /getopt_long|argp_parse|poptGet/.test(content))
  );
}
