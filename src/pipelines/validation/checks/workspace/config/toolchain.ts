/** Whether the language that is installed here is one that the manifests say they work with. */
import coerce from 'semver/functions/coerce.js';
import satisfies from 'semver/functions/satisfies.js';
import validRange from 'semver/ranges/valid.js';
import type { Finding } from '../../../../../protocol/validation.ts';
import { type Check, type Context, fault, pass, skip } from '../../../check/check.ts';
import { counted, findingsOf } from '../../../check/findings.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository, Stack, StackId } from '../../../repository/repository.ts';
import { fitsSpecifier } from './version-specifier.ts';

/** What a manifest asks for, as it is written there. */
interface Need {
  readonly range: string;
  /** Whether a version fits; nothing where the range cannot be read. */
  fits(version: string): boolean | undefined;
}

interface Toolchain {
  readonly title: string;
  /** Tried in this order; the workspace's own first. */
  readonly commands: readonly string[];
  readonly args: readonly string[];
  /** A version manager is not to fetch anything because it is asked. */
  readonly env?: Readonly<Record<string, string>>;
  need(repository: Repository, stack: Stack): Promise<Need | undefined>;
}

const inRange = (range: string, written = range): Need => ({
  range: written,
  fits: (version) => (validRange(range) === null ? undefined : satisfies(version, range)),
});

const atLeast = (version: string): Need => inRange(`>=${version}`);

async function pythonNeed(repository: Repository, { manifest }: Stack): Promise<Need | undefined> {
  if (!manifest.endsWith('pyproject.toml')) {
    // setup.cfg and setup.py, where it is written out and not worked out.
    const text = manifest.endsWith('.txt') ? undefined : await repository.text(manifest);
    const said = /^\s*python_requires\s*=\s*(?:"([^"]*)"|'([^']*)'|([^'"\s(][^\n]*))/m.exec(text ?? '');
    const range = (said?.[1] ?? said?.[2] ?? said?.[3])?.trim();
    return range ? { range, fits: (version) => fitsSpecifier(version, range) } : undefined;
  }
  const content = await repository.toml(manifest);
  const range = field(field(content, 'project'), 'requires-python');
  if (typeof range === 'string') return { range, fits: (version) => fitsSpecifier(version, range) };
  const poetry = field(field(field(field(content, 'tool'), 'poetry'), 'dependencies'), 'python');
  // Poetry's own ranges are those of npm, but for the comma.
  return typeof poetry === 'string' ? inRange(poetry.replaceAll(',', ' '), poetry) : undefined;
}

async function rustNeed(repository: Repository, { manifest }: Stack): Promise<Need | undefined> {
  const own = field(field(await repository.toml(manifest), 'package'), 'rust-version');
  const shared = field(own, 'workspace') === true ? await repository.toml('Cargo.toml') : undefined;
  const version = shared ? field(field(field(shared, 'workspace'), 'package'), 'rust-version') : own;
  return typeof version === 'string' ? atLeast(version) : undefined;
}

const toolchains: Readonly<Record<StackId, Toolchain>> = {
  node: {
    title: 'Node',
    commands: ['node'],
    args: ['--version'],
    need: async (repository, { manifest }) => {
      const range = field(field(await repository.json(manifest), 'engines'), 'node');
      return typeof range === 'string' ? inRange(range) : undefined;
    },
  },
  python: { title: 'Python', commands: ['python3', 'python'], args: ['--version'], need: pythonNeed },
  rust: {
    title: 'Rust',
    commands: ['rustc'],
    args: ['--version'],
    env: { RUSTUP_AUTO_INSTALL: '0' },
    need: rustNeed,
  },
  go: {
    title: 'Go',
    commands: ['go'],
    args: ['version'],
    env: { GOTOOLCHAIN: 'local' },
    need: async (repository, { manifest }) => {
      const version = /^\s*go\s+(\d+(?:\.\d+)*)/m.exec((await repository.text(manifest)) ?? '')?.[1];
      return version ? atLeast(version) : undefined;
    },
  },
};

/** The version that is here, as three numbers; nothing where the language is not. */
async function versionOf(context: Context, { id, folder }: Stack): Promise<string | undefined> {
  const { commands, args, env = {} } = toolchains[id];
  const own = await Promise.all(commands.map((name) => context.repository.tool(name, folder)));
  for (const command of [...own.filter((path) => path !== undefined), ...commands]) {
    const ran = await context.run(command, args, { cwd: folder || '.', env });
    const version = ran?.code === 0 ? coerce(ran.stdout.trim() || ran.stderr) : null;
    if (version) return version.version;
  }
  return undefined;
}

interface Asked {
  readonly stack: Stack;
  readonly need: Need;
}

async function askedOf(repository: Repository): Promise<Asked[]> {
  const stacks = await repository.stacks();
  const needs = await Promise.all(stacks.map((stack) => toolchains[stack.id].need(repository, stack)));
  return stacks.flatMap((stack, at) => {
    const need = needs[at];
    return need ? [{ stack, need }] : [];
  });
}

function judge({ stack, need }: Asked, version: string): Finding | undefined {
  const fits = need.fits(version);
  if (fits) return undefined;
  const { title } = toolchains[stack.id];
  const why =
    fits === undefined
      ? `“${need.range}” is no range of versions of ${title}.`
      : `${title} ${need.range} is asked for, and ${version} is here.`;
  return { file: stack.manifest, message: why };
}

const toolchain: Check = {
  id: 'WS_TOOLCHAIN',
  category: 'workspace',
  severity: 'warning',
  from: 'dev',
  title: 'The installed languages are the ones that the manifests ask for',
  timeoutMs: 4000,
  // Programs that only say their version.
  lane: 'cheap',
  run: async (context) => {
    const asked = await askedOf(context.repository);
    if (asked.length === 0) return skip('not_applicable', 'No manifest says which version of its language it needs.');
    const ids = [...new Set(asked.map(({ stack }) => stack.id))];
    const versions = new Map(
      await Promise.all(
        ids.map(
          async (id) =>
            [id, await versionOf(context, (asked.find((one) => one.stack.id === id) as Asked).stack)] as const,
        ),
      ),
    );
    const bad = asked.flatMap((one) => {
      const version = versions.get(one.stack.id);
      return (version === undefined ? undefined : judge(one, version)) ?? [];
    });
    const here = ids.filter((id) => versions.get(id)).map((id) => `${toolchains[id].title} ${versions.get(id)}`);
    const absent = ids.filter((id) => !versions.get(id)).map((id) => toolchains[id].title);
    const evidence = [{ kind: 'command_output', content: here.join('\n') }] as const;
    if (bad.length > 0) {
      return fault(
        `${counted(bad.length, 'manifest asks', 'manifests ask')} for another version than is here: ${bad[0]?.message}`,
        {
          evidence,
          findings: findingsOf(bad, (one) => one),
          remediation: [
            {
              priority: 'medium',
              title: 'Use a version that is asked for',
              steps: [
                'Install one that fits, or choose it with your version manager.',
                'Or correct the range, if this version works.',
              ],
            },
          ],
        },
      );
    }
    if (absent.length > 0) {
      const rest = here.length > 0 ? ` (${here.join(', ')} fits)` : '';
      return skip('tool_missing', `${absent.join(' and ')} is asked for and not installed${rest}.`, { evidence });
    }
    return pass(`${here.join(', ')}: as ${counted(asked.length, 'manifest asks', 'manifests ask')}.`, { evidence });
  },
};

export const toolchainChecks: readonly Check[] = [toolchain];
