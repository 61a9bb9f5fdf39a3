/** Finds the Python interpreters of this machine: first the one on the PATH, then those of pyenv. */
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Interpreter {
  readonly path: string;
  /** Such as `3.11.7`. */
  readonly version: string;
}

const minMinorVersion = 8;

export function findInterpreters(): readonly Interpreter[] {
  const paths = ['python3', ...globSync(join(homedir(), '.pyenv/versions/3.*/bin/python3'))];
  const all = paths.flatMap((path) => describeInterpreter(path));
  return all.filter(({ version }, index) => all.findIndex((other) => other.version === version) === index);
}

function describeInterpreter(path: string): Interpreter[] {
  try {
    const output = execFileSync(
      path,
      ['-c', 'import platform, sys; print(platform.python_version(), sys.executable)'],
      {
        encoding: 'utf8',
      },
    );
    const [version = '', executable = path] = output.trim().split(' ');
    return minorOf(version) >= minMinorVersion ? [{ path: executable, version }] : [];
  } catch {
    return [];
  }
}

export function minorOf(version: string): number {
  return Number(version.split('.')[1]);
}
