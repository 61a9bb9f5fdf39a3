/** Folders that belong to a workspace of several packages, as its manifest names them. */
import { matchesGlob, posix } from 'node:path';

/** Fitted by these globs, in their order; what starts with `!` is left out again. */
export function membersOf(folders: readonly string[], base: string, globs: readonly string[]): string[] {
  const wanted = globs.filter((glob) => !glob.startsWith('!')).map((glob) => placed(base, glob));
  const unwanted = globs.filter((glob) => glob.startsWith('!')).map((glob) => placed(base, glob.slice(1)));
  return folders.filter(
    (folder) => wanted.some((glob) => matchesGlob(folder, glob)) && !unwanted.some((glob) => matchesGlob(folder, glob)),
  );
}

function placed(base: string, glob: string): string {
  return posix.join(base, glob.replace(/^\.\//, '').replace(/\/+$/, ''));
}
