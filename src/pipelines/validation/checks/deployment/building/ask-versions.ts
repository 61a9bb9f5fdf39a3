/** Starts built programs with `--version` and compares the version that they print with the one in their manifest. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckContext, ProgramResult } from '../../../check/check.ts';
import type { BuiltProgram } from './ecosystem.ts';

export type VersionVerdict =
  /** It prints the version of the manifest, or any version if the manifest has none. */
  | { readonly kind: 'answered' }
  /** It prints something else, which does not prove a fault. */
  | { readonly kind: 'unclear' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'wrong'; readonly problem: string };

export interface VersionAnswer {
  readonly program: BuiltProgram;
  readonly output: string;
  readonly verdict: VersionVerdict;
}

const maxPrograms = 10;
/** A program that has not printed its version by then does something else. */
const timeoutMs = 10_000;

export async function askVersions({ run }: CheckContext, programs: readonly BuiltProgram[]): Promise<VersionAnswer[]> {
  const answers: VersionAnswer[] = [];
  // Some programs write into the folder in which they are started.
  const folder = await mkdtemp(join(tmpdir(), 'pipescope-version-'));
  try {
    for (const program of programs.slice(0, maxPrograms)) {
      const options = { cwd: folder, timeoutMs, ...(program.env ? { env: program.env } : {}) };
      const result = await run(program.command, [...program.args, '--version'], options);
      const output = `${program.name} --version\n${result?.stdout ?? ''}${result?.stderr ?? ''}`;
      answers.push({ program, output, verdict: result ? judge(result, program) : { kind: 'missing' } });
    }
    return answers;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Errors of a program that does not start because a package is not installed. */
const missingPackage = /Cannot find (?:package|module) ['"](?![./])|ERR_MODULE_NOT_FOUND.*node_modules/;
const defaultStartError =
  /Cannot find module ['"][./]|SyntaxError|ReferenceError|error while loading shared libraries|panicked at/;
const firstFaultSignal = 128;
/** SIGILL, SIGABRT, SIGBUS, SIGFPE and SIGSEGV as exit codes. */
const faultCodes: readonly number[] = [4, 6, 7, 8, 11].map((signal) => firstFaultSignal + signal);

function judge({ code, stdout, stderr }: ProgramResult, program: BuiltProgram): VersionVerdict {
  const { name, version, startError = defaultStartError } = program;
  if (code !== 0) {
    const error = startError.exec(stderr)?.[0];
    if (missingPackage.test(stderr)) return { kind: 'unclear' };
    if (error === undefined && !faultCodes.includes(code)) return { kind: 'unclear' };
    return {
      kind: 'wrong',
      problem: `failed with exit code ${code}${error === undefined ? '' : `: ${error.trim()}`}.`,
    };
  }
  // Some tools write their version to stderr, as Java and older programs of Python do.
  const output = stdout.trim() === '' ? stderr : stdout;
  if (version === undefined) return /\d|\bdev\b|unknown/i.test(output) ? { kind: 'answered' } : { kind: 'unclear' };
  if (output.includes(version)) return { kind: 'answered' };
  const printed = readVersion(output, name);
  if (printed === undefined) return { kind: 'unclear' };
  if (isSameVersion(printed, version)) return { kind: 'answered' };
  return { kind: 'wrong', problem: `prints ${printed}, but the manifest says ${version}.` };
}

/** Returns the version in an output that is only a version, or whose first line is the program's name with a version. */
function readVersion(output: string, name: string): string | undefined {
  const only = /^(?:[\w@/.-]+(?:,? version)?[ /])?v?(\d+\.\d+\.\d+[\w.+-]*)$/i.exec(output.trim())?.[1];
  if (only !== undefined) return only;
  const [, first = '', version] =
    /^([\w@/.-]+?)(?:,? version)?[ /:]+v?(\d+\.\d+(?:\.\d+)*[\w.+-]*)(?=[\s,;()]|$)/i.exec(output.trim()) ?? [];
  return first.toLowerCase() === name.replace(/\.exe$/, '').toLowerCase() ? version : undefined;
}

/** Compares releases as numbers, because tools write the same version in several ways: `1.0`, `1.0.0`, `1.0.0+build`. */
export function isSameVersion(printed: string, expected: string): boolean {
  const [left, right] = [printed, expected].map((text) => {
    const [, release = '', suffix = ''] = /^(\d+(?:\.\d+)*)([^+]*)/.exec(text) ?? [];
    return { release: release.replace(/(?:\.0)+$/, ''), suffix: suffix.toLowerCase() };
  });
  if (left?.release !== right?.release) return false;
  // Python writes `1.0rc1` for `1.0-rc.1`.
  const isPython = [left, right].some((part) => /^\.?(?:a|b|c|rc|dev|post)\d/.test(part?.suffix ?? ''));
  return left?.suffix === right?.suffix || isPython;
}
