/** Checks that the installed language versions satisfy the manifests. */
import coerce from 'semver/functions/coerce.js';
import satisfies from 'semver/functions/satisfies.js';
import validRange from 'semver/ranges/valid.js';
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { type Check, type CheckContext, fail, pass, skip } from '../../../check/check.ts';
import { findingsOf } from '../../../check/findings.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository, Stack, StackId } from '../../../repository/repository.ts';
import { matchesSpecifier } from './version-specifier.ts';

/** Version range that a manifest requires. */
interface VersionRequirement {
  /** As written in the manifest. */
  readonly range: string;
  /** Returns undefined if the range is invalid. */
  matches(version: string): boolean | undefined;
}

interface Toolchain {
  readonly title: string;
  /** Programs that print the version, in order of preference. A program installed in the workspace comes first. */
  readonly commands: readonly string[];
  readonly args: readonly string[];
  /** Keeps version managers from downloading anything. */
  readonly env?: Readonly<Record<string, string>>;
  readRequirement(repository: Repository, stack: Stack): Promise<VersionRequirement | undefined>;
}

const npmRange = (range: string, written = range): VersionRequirement => ({
  range: written,
  matches: (version) => (validRange(range) === null ? undefined : satisfies(version, range)),
});

const minVersion = (version: string): VersionRequirement => npmRange(`>=${version}`);

/** Reads the Python versions that a manifest accepts. Undefined if it names none, or computes them. */
export async function readPythonRequirement(
  repository: Repository,
  { manifest }: Stack,
): Promise<VersionRequirement | undefined> {
  if (!manifest.endsWith('pyproject.toml')) {
    // setup.cfg and setup.py: reads literal values only, since setup.py may compute the range.
    const text = manifest.endsWith('.txt') ? undefined : await repository.text(manifest);
    const match = /^\s*python_requires\s*=\s*(?:"([^"]*)"|'([^']*)'|([^'"\s(][^\n]*))/m.exec(text ?? '');
    const range = (match?.[1] ?? match?.[2] ?? match?.[3])?.trim();
    return range ? { range, matches: (version) => matchesSpecifier(version, range) } : undefined;
  }
  const content = await repository.toml(manifest);
  const range = field(field(content, 'project'), 'requires-python');
  if (typeof range === 'string') return { range, matches: (version) => matchesSpecifier(version, range) };
  const poetryRange = field(field(field(field(content, 'tool'), 'poetry'), 'dependencies'), 'python');
  // Poetry's ranges equal npm's, except that commas separate the parts.
  return typeof poetryRange === 'string' ? npmRange(poetryRange.replaceAll(',', ' '), poetryRange) : undefined;
}

async function readRustRequirement(
  repository: Repository,
  { manifest }: Stack,
): Promise<VersionRequirement | undefined> {
  const value = field(field(await repository.toml(manifest), 'package'), 'rust-version');
  const workspace = field(value, 'workspace') === true ? await repository.toml('Cargo.toml') : undefined;
  const version = workspace ? field(field(field(workspace, 'workspace'), 'package'), 'rust-version') : value;
  return typeof version === 'string' ? minVersion(version) : undefined;
}

const toolchains: Readonly<Record<StackId, Toolchain>> = {
  node: {
    title: 'Node',
    commands: ['node'],
    args: ['--version'],
    readRequirement: async (repository, { manifest }) => {
      const range = field(field(await repository.json(manifest), 'engines'), 'node');
      return typeof range === 'string' ? npmRange(range) : undefined;
    },
  },
  python: {
    title: 'Python',
    commands: ['python3', 'python'],
    args: ['--version'],
    readRequirement: readPythonRequirement,
  },
  rust: {
    title: 'Rust',
    commands: ['rustc'],
    args: ['--version'],
    env: { RUSTUP_AUTO_INSTALL: '0' },
    readRequirement: readRustRequirement,
  },
  go: {
    title: 'Go',
    commands: ['go'],
    args: ['version'],
    env: { GOTOOLCHAIN: 'local' },
    readRequirement: async (repository, { manifest }) => {
      const version = /^\s*go\s+(\d+(?:\.\d+)*)/m.exec((await repository.text(manifest)) ?? '')?.[1];
      return version ? minVersion(version) : undefined;
    },
  },
};

/** Returns the installed version as three numbers, or undefined if the language is not installed. */
async function readInstalledVersion(context: CheckContext, { id, folder }: Stack): Promise<string | undefined> {
  const { commands, args, env = {} } = toolchains[id];
  const workspaceTools = await Promise.all(commands.map((name) => context.repository.tool(name, folder)));
  for (const command of [...workspaceTools.filter((path) => path !== undefined), ...commands]) {
    const result = await context.run(command, args, { cwd: folder || '.', env });
    const version = result?.code === 0 ? coerce(result.stdout.trim() || result.stderr) : null;
    if (version) return version.version;
  }
  return undefined;
}

interface StackRequirement {
  readonly stack: Stack;
  readonly requirement: VersionRequirement;
}

async function readStackRequirements(repository: Repository): Promise<StackRequirement[]> {
  const stacks = await repository.stacks();
  const requirements = await Promise.all(
    stacks.map((stack) => toolchains[stack.id].readRequirement(repository, stack)),
  );
  return stacks.flatMap((stack, index) => {
    const requirement = requirements[index];
    return requirement ? [{ stack, requirement }] : [];
  });
}

function findMismatch({ stack, requirement }: StackRequirement, version: string): Finding | undefined {
  const matches = requirement.matches(version);
  if (matches) return undefined;
  const { title } = toolchains[stack.id];
  const message =
    matches === undefined
      ? `“${requirement.range}” is not a valid ${title} version range.`
      : `${title} ${requirement.range} is required, but ${version} is installed.`;
  return { file: stack.manifest, message };
}

export const toolchain: Check = {
  id: 'WS_TOOLCHAIN',
  category: 'workspace',
  severity: 'warning',
  minProfile: 'dev',
  title: 'Installed language versions satisfy the manifests',
  timeoutMs: 4000,
  // Starts programs, but only to print their version.
  lane: 'cheap',
  run: async (context) => {
    const requirements = await readStackRequirements(context.repository);
    if (requirements.length === 0) return skip('not_applicable', 'No manifest requires a language version.');
    const stackById = new Map(requirements.toReversed().map(({ stack }) => [stack.id, stack]));
    const ids = [...new Set(requirements.map(({ stack }) => stack.id))];
    const versions = new Map(
      await Promise.all(
        ids.map(async (id) => [id, await readInstalledVersion(context, stackById.get(id) as Stack)] as const),
      ),
    );
    const findings = requirements.flatMap((requirement) => {
      const version = versions.get(requirement.stack.id);
      return (version === undefined ? undefined : findMismatch(requirement, version)) ?? [];
    });
    const installed = ids.filter((id) => versions.get(id)).map((id) => `${toolchains[id].title} ${versions.get(id)}`);
    const missing = ids.filter((id) => !versions.get(id)).map((id) => toolchains[id].title);
    const evidence = [{ kind: 'command_output', content: installed.join('\n') }] as const;
    if (findings.length > 0) {
      const count = plural(findings.length, 'manifest requires', 'manifests require');
      return fail(`${count} a different language version: ${findings[0]?.message}`, {
        evidence,
        findings: findingsOf(findings, (finding) => finding),
        remediation: [
          {
            priority: 'medium',
            title: 'Use a version that the manifests accept',
            steps: [
              'Install a matching version, or select it with your version manager.',
              'If the installed version works, correct the range instead.',
            ],
          },
        ],
      });
    }
    const verb = installed.length === 1 ? 'satisfies' : 'satisfy';
    if (missing.length > 0) {
      const rest = installed.length > 0 ? ` (${installed.join(', ')} ${verb} the manifests)` : '';
      const missingVerb = missing.length === 1 ? 'is' : 'are';
      return skip('tool_missing', `${missing.join(' and ')} ${missingVerb} required but not installed${rest}.`, {
        evidence,
      });
    }
    return pass(`${installed.join(', ')} ${verb} ${plural(requirements.length, 'manifest')}.`, { evidence });
  },
};
