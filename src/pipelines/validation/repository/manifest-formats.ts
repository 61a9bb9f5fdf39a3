/** The manifests by which a project of each language is known: one row a language. */
import { posix } from 'node:path';
import type { StackId } from './repository.ts';
import type { Reader } from './stacks.ts';

export interface Manifest {
  readonly id: StackId;
  /** The first that a folder has is its manifest. */
  readonly names: readonly string[];
  /** Package manager where nothing says which. */
  readonly usual: string;
  /** Whether the file tells of a project, and is not only some tool's configuration. */
  isProject(manifest: string, reader: Reader): Promise<boolean>;
  /** Nothing where the folder itself does not say. */
  packageManager(folder: string, manifest: string, reader: Reader): Promise<string | undefined>;
  /** Globs of the folders of its members, relative to its own. */
  members(manifest: string, reader: Reader): Promise<readonly string[]>;
  /** Globs of members that the workspace's root names without being a project. */
  rootMembers(reader: Reader): Promise<readonly string[]>;
}

const locks: readonly (readonly [string, string])[] = [
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
];

const pythonLocks: readonly (readonly [string, string])[] = [
  ['uv.lock', 'uv'],
  ['poetry.lock', 'poetry'],
  ['pdm.lock', 'pdm'],
  ['Pipfile.lock', 'pipenv'],
  ['Pipfile', 'pipenv'],
];

export const manifests: readonly Manifest[] = [
  {
    id: 'node',
    names: ['package.json'],
    usual: 'npm',
    isProject: async (manifest, reader) => {
      // What only says how files below are to be read (`{"type": "module"}`) is no project; what is broken is one.
      const content = await reader.repository.json(manifest);
      return (
        content === undefined ||
        Object.keys(content as object).some((key) => !/^(?:type|private|sideEffects|main|module|types)$/.test(key))
      );
    },
    packageManager: async (folder, manifest, reader) => {
      const said = field(await reader.repository.json(manifest), 'packageManager');
      return (
        (typeof said === 'string' ? /^(npm|pnpm|yarn|bun)@/.exec(said)?.[1] : undefined) ??
        lockedBy(locks, folder, reader)
      );
    },
    members: async (manifest, reader) => {
      const folder = posix.dirname(manifest);
      const said = field(await reader.repository.json(manifest), 'workspaces');
      const pnpm = field(await reader.repository.yaml(posix.join(folder, 'pnpm-workspace.yaml')), 'packages');
      const lerna = field(await reader.repository.json(posix.join(folder, 'lerna.json')), 'packages');
      return [...texts(said), ...texts(field(said, 'packages')), ...texts(pnpm), ...texts(lerna)];
    },
    rootMembers: async () => [],
  },
  {
    id: 'python',
    names: ['pyproject.toml', 'setup.py', 'setup.cfg', 'Pipfile', 'requirements.txt'],
    usual: 'pip',
    isProject: async (manifest, reader) => {
      if (!manifest.endsWith('pyproject.toml')) return true;
      const content = await reader.repository.toml(manifest);
      const tool = field(content, 'tool');
      return (
        content === undefined ||
        [
          field(content, 'project'),
          field(content, 'build-system'),
          field(tool, 'poetry'),
          field(tool, 'pdm'),
          field(tool, 'uv'),
        ].some(Boolean)
      );
    },
    packageManager: async (folder, manifest, reader) => {
      const locked = lockedBy(pythonLocks, folder, reader);
      if (locked || !manifest.endsWith('pyproject.toml')) return locked;
      const tool = field(await reader.repository.toml(manifest), 'tool');
      return ['uv', 'poetry', 'pdm'].find((name) => field(tool, name));
    },
    members: async (manifest, reader) => {
      if (!manifest.endsWith('pyproject.toml')) return [];
      const workspace = field(field(field(await reader.repository.toml(manifest), 'tool'), 'uv'), 'workspace');
      return withExcluded(workspace);
    },
    rootMembers: async () => [],
  },
  {
    id: 'rust',
    names: ['Cargo.toml'],
    usual: 'cargo',
    isProject: async () => true,
    packageManager: async () => 'cargo',
    members: async (manifest, reader) => withExcluded(field(await reader.repository.toml(manifest), 'workspace')),
    rootMembers: async () => [],
  },
  {
    id: 'go',
    names: ['go.mod'],
    usual: 'go',
    isProject: async () => true,
    packageManager: async () => 'go',
    members: async () => [],
    rootMembers: async (reader) => usesOf((await reader.repository.text('go.work')) ?? ''),
  },
];

/** Folders of the `use` directives of a go.work. */
function usesOf(text: string): string[] {
  const plain = text.replace(/\/\/.*$/gm, '');
  const blocks = [...plain.matchAll(/^\s*use\s*\(([^)]*)\)/gm)].flatMap((match) => (match[1] as string).split('\n'));
  const lines = [...plain.matchAll(/^\s*use\s+([^\s(]+)\s*$/gm)].map((match) => match[1] as string);
  return [...blocks, ...lines].map((name) => name.trim().replace(/^"(.*)"$/, '$1')).filter((name) => name !== '');
}

function withExcluded(workspace: unknown): string[] {
  return [...texts(field(workspace, 'members')), ...texts(field(workspace, 'exclude')).map((glob) => `!${glob}`)];
}

function lockedBy(table: readonly (readonly [string, string])[], folder: string, reader: Reader): string | undefined {
  return table.find(([lock]) => reader.has(posix.join(folder, lock)))?.[1];
}

export function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
