import { basename, dirname } from 'node:path';
import type { RunningProcess } from './running-process.ts';

/** Matches names of scripts that say little without their folder. */
const commonName = /^(index|main|__main__)\.\w+$/;

/** Returns the name of the script that a process runs, or else of its executable. */
export function programNameOf({ argv }: Pick<RunningProcess, 'argv'>): string {
  const script = argv.slice(1).find((part) => !part.startsWith('-'));
  const path = script ?? argv[0] ?? 'program';
  const name = basename(path);
  return commonName.test(name) ? `${basename(dirname(path))}/${name}` : name;
}
