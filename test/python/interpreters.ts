/** The Pythons of this machine that the guest is tried on: the one on the PATH first, then those of pyenv. */
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Interpreter {
  readonly path: string;
  /** Such as `3.11.7`. */
  readonly version: string;
}

const oldestMinor = 8;

export function interpreters(): readonly Interpreter[] {
  const paths = ['python3', ...globSync(join(homedir(), '.pyenv/versions/3.*/bin/python3'))];
  const found = paths.flatMap((path) => interpreterAt(path));
  return found.filter((one, index) => found.findIndex((other) => other.version === one.version) === index);
}

function interpreterAt(path: string): Interpreter[] {
  try {
    const told = execFileSync(path, ['-c', 'import platform, sys; print(platform.python_version(), sys.executable)'], {
      encoding: 'utf8',
    });
    const [version = '', executable = path] = told.trim().split(' ');
    return minorOf(version) >= oldestMinor ? [{ path: executable, version }] : [];
  } catch {
    return [];
  }
}

export function minorOf(version: string): number {
  return Number(version.split('.')[1]);
}
