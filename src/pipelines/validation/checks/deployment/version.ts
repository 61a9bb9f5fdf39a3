/** Checks that the built programs start and print the version of their manifest. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { plural } from '../../../../protocol/plural.ts';
import type { Finding } from '../../../../protocol/validation/validation.ts';
import {
  type Check,
  type CheckContext,
  type CheckOutcome,
  fail,
  type ProgramResult,
  pass,
  skip,
} from '../../check/check.ts';
import { field } from '../../repository/manifest-formats.ts';
import type { Repository } from '../../repository/repository.ts';

export const version: Check = {
  id: 'DEP_VERSION',
  category: 'deployment',
  severity: 'warning',
  minProfile: 'enterprise',
  title: 'Built programs start and print their version',
  timeoutMs: 30_000,
  lane: 'process',
  run: checkVersions,
};

/** A program that is already built. */
interface BuiltProgram {
  readonly manifest: string;
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly version: string;
}

async function checkVersions(context: CheckContext): Promise<CheckOutcome> {
  const programs = [...(await findNodePrograms(context.repository)), ...(await findCargoPrograms(context.repository))];
  if (programs.length === 0)
    return skip('not_applicable', 'No announced program that has an option for its version is built.');
  // Some programs write into the folder in which they are started.
  const folder = await mkdtemp(join(tmpdir(), 'pipescope-version-'));
  try {
    const findings: Finding[] = [];
    const evidence: { kind: 'command_output'; content: string }[] = [];
    let answered = 0;
    for (const program of programs) {
      const result = await context.run(program.command, [...program.args, '--version'], { cwd: folder });
      if (!result) return skip('tool_missing', `${program.command} is not installed.`);
      evidence.push({ kind: 'command_output', content: `${program.name} --version\n${result.stdout}${result.stderr}` });
      const problem = explain(result, program);
      if (result.code === 0 && problem === undefined && result.stdout.includes(program.version)) answered++;
      if (problem !== undefined)
        findings.push({ file: program.manifest, message: `${program.name} --version ${problem}` });
    }
    const total = plural(programs.length, 'program');
    if (findings.length === 0)
      return answered > 0
        ? pass(`${answered} of ${total} printed the version of the manifest.`, { evidence })
        : skip('not_applicable', `None of ${total} printed its version, nor a reason why it could not start.`);
    return fail(`${findings.length} of ${total} did not answer --version with their version.`, {
      findings,
      evidence,
      remediation: [
        {
          priority: 'high',
          title: 'Build the programs again',
          steps: ['Run the build, and start each program with --version.'],
        },
      ],
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const maxPrograms = 10;
/**
 * Libraries for command lines that give every program such an option, and code that handles it. Any other program may take
 * the option for a name, such as that of a folder to create. The argument of a program that it starts does not count.
 */
const answersVersion =
  /(?:\bfrom\s*|\b(?:require|import)\s*\(?\s*)['"](?:commander|yargs|cac|meow|@oclif\/core|sade|citty|clipanion)(?:\/[^'"]*)?['"]|\.version\s*\(\s*[^)\s]|(?<!\[\s*)['"`]--version['"`]|['"`]--version['"`](?!\s*\])/;

async function findNodePrograms(repository: Repository): Promise<BuiltProgram[]> {
  const programs: BuiltProgram[] = [];
  for (const { id, folder, manifest } of await repository.stacks()) {
    const content = id === 'node' ? await repository.json(manifest) : undefined;
    const [bin, announced] = [field(content, 'bin'), field(content, 'version')];
    const paths = typeof bin === 'string' ? { [String(field(content, 'name'))]: bin } : (bin ?? {});
    for (const [name, path] of Object.entries(paths)) {
      const file = posix.join(folder, String(path));
      const text = await repository.text(file);
      if (typeof announced !== 'string' || text === undefined || !answersVersion.test(text)) continue;
      programs.push({ manifest, name, command: 'node', args: [join(repository.root, file)], version: announced });
    }
  }
  return programs.slice(0, maxPrograms);
}

async function findCargoPrograms(repository: Repository): Promise<BuiltProgram[]> {
  const programs: BuiltProgram[] = [];
  for (const { id, folder, manifest } of await repository.stacks()) {
    const content = id === 'rust' ? await repository.toml(manifest) : undefined;
    const announced = field(field(content, 'package'), 'version');
    const hasOptions = ['clap', 'structopt', 'argh', 'bpaf'].some((name) =>
      field(field(content, 'dependencies'), name),
    );
    const name = field(field(content, 'package'), 'name');
    if (typeof announced !== 'string' || typeof name !== 'string' || !hasOptions) continue;
    const command = [folder, '']
      .flatMap((base) => ['release', 'debug'].map((mode) => join(repository.root, base, 'target', mode, name)))
      .find((path) => existsSync(path));
    if (command) programs.push({ manifest, name, command, args: [], version: announced });
  }
  return programs.slice(0, maxPrograms);
}

/** Errors of a program that does not start because a package is not installed. */
const missingPackage = /Cannot find (?:package|module) ['"](?![./])|ERR_MODULE_NOT_FOUND.*node_modules/;
const startError = /Cannot find module ['"][./]|SyntaxError|ReferenceError|error while loading shared libraries/;

/** Returns undefined if the program answered, or if its output does not prove a fault. */
function explain({ code, stdout, stderr }: ProgramResult, { version: expected }: BuiltProgram): string | undefined {
  if (code !== 0) {
    if (missingPackage.test(stderr) || !startError.test(stderr)) return undefined;
    return `failed with exit code ${code}: ${startError.exec(stderr)?.[0]}.`;
  }
  const printed = /^(?:[\w@/.-]+[ /])?v?(\d+\.\d+\.\d+[\w.+-]*)$/.exec(stdout.trim())?.[1];
  if (printed === undefined || printed === expected) return undefined;
  return `prints ${printed}, but the manifest says ${expected}.`;
}
