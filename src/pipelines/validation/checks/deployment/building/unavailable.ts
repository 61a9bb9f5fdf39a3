/** Tells a build that cannot succeed on this machine, for lack of a tool, a package or the network, from a broken build. */
import { posix } from 'node:path';
import type { ProgramResult } from '../../../check/check.ts';
import type { BuildCopy, ProjectBuild } from './ecosystem.ts';
import { missing } from './ecosystem.ts';

/** Pattern of an error, and what is missing. `$1` stands for the first group of the pattern. */
export type UnavailableRow = readonly [pattern: RegExp, reason: string];

/** Errors for which the workspace may be fine, whatever the ecosystem. */
const commonRows: readonly UnavailableRow[] = [
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|fetch failed|getaddrinfo|Could not resolve host|Temporary failure in name resolution|Failed to connect to|Connection refused|Network is unreachable|proxyconnect/,
    'The build needs the network.',
  ],
  [/not a git repository/i, 'The build needs the Git repository.'],
  [/No space left on device|ENOSPC/, 'The disk is full. Free space and validate again.'],
  [/command not found|: not found\b|is not recognized/, 'A program of the build is not installed.'],
  [
    /\b(?:cc|gcc|g\+\+|clang|c\+\+|ld)\b.*(?:No such file or directory|ENOENT|not found)/,
    'The build needs a C compiler.',
  ],
  [/cannot find -l([\w.+-]+)/, 'The build needs the library $1. Install its development package.'],
  [
    /Package '?([\w.+-]+)'?,? .*not found|No package '([\w.+-]+)' found/,
    'The build needs the library $1. Install its development package.',
  ],
];

/** Returns why the failure does not prove a fault of the workspace, or undefined. */
export async function explainUnavailable(
  { stdout, stderr }: ProgramResult,
  copy: BuildCopy,
  rows: readonly UnavailableRow[] = [],
): Promise<string | undefined> {
  const output = `${stdout}\n${stderr}`;
  for (const [pattern, reason] of [...rows, ...commonRows]) {
    const match = pattern.exec(output);
    if (match) return reason.replace('$1', match[1] ?? match[2] ?? 'that it names');
  }
  const files = await copy.context.repository.files();
  if (files.includes('.gitmodules')) return 'The build may need the submodules, which are not part of the copy.';
  const header = /fatal error:?\s+'?([\w./+-]+\.(?:h|hpp|hh|hxx|inc))'?(?:: No such file| file not found)/.exec(
    output,
  )?.[1];
  const isOwn = header !== undefined && files.some((file) => posix.basename(file) === posix.basename(header));
  return header === undefined || isOwn
    ? undefined
    : `The build needs the header ${header}. Install the package that has it.`;
}

/** Returns the result of a program that failed: unavailable if its output says so, and a failed build otherwise. */
export async function judgeFailure(
  command: string,
  result: ProgramResult,
  copy: BuildCopy,
  rows: readonly UnavailableRow[],
): Promise<ProjectBuild> {
  const reason = await explainUnavailable(result, copy, rows);
  return reason === undefined ? { kind: 'failed', command, result } : missing(reason);
}
