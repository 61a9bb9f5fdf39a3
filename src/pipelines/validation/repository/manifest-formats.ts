/** Manifest formats by which projects of each language are recognized. */
import { posix } from 'node:path';
import type { StackReader } from './find-stacks.ts';
import type { StackId } from './repository.ts';

export interface ManifestFormat {
  readonly id: StackId;
  /** File names; the first one that exists in a folder is its manifest. */
  readonly names: readonly string[];
  /** Package manager to assume if it cannot be detected. */
  readonly defaultPackageManager: string;
  /** Returns whether the manifest defines a project, rather than only configuring some tool. */
  isProject(manifest: string, reader: StackReader): Promise<boolean>;
  /** Returns undefined if the folder does not show which package manager it uses. */
  packageManager(folder: string, manifest: string, reader: StackReader): Promise<string | undefined>;
  /** Returns whether the folder has a lock file of its package manager, by which it is installed without the folders around it. */
  isLocked(folder: string, reader: StackReader): boolean;
  /** Returns globs of the workspace members' folders, relative to the manifest's folder. */
  members(manifest: string, reader: StackReader): Promise<readonly string[]>;
  /** Returns globs of members that the root of the workspace names although it is not a project itself. */
  rootMembers(reader: StackReader): Promise<readonly string[]>;
}

/** Lock files and their package managers. */
const nodeLocks: readonly (readonly [string, string])[] = [
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

export const manifestFormats: readonly ManifestFormat[] = [
  {
    id: 'node',
    names: ['package.json'],
    defaultPackageManager: 'npm',
    isProject: async (manifest, reader) => {
      // A manifest such as `{"type": "module"}` is not a project. A broken manifest counts as one.
      const content = await reader.repository.json(manifest);
      return (
        content === undefined ||
        Object.keys(content as object).some((key) => !/^(?:type|private|sideEffects|main|module|types)$/.test(key))
      );
    },
    packageManager: async (folder, manifest, reader) => {
      const declared = field(await reader.repository.json(manifest), 'packageManager');
      return (
        (typeof declared === 'string' ? /^(npm|pnpm|yarn|bun)@/.exec(declared)?.[1] : undefined) ??
        lockedBy(nodeLocks, folder, reader)
      );
    },
    isLocked: (folder, reader) => lockedBy(nodeLocks, folder, reader) !== undefined,
    members: async (manifest, reader) => {
      const folder = posix.dirname(manifest);
      const workspaces = field(await reader.repository.json(manifest), 'workspaces');
      const pnpm = field(await reader.repository.yaml(posix.join(folder, 'pnpm-workspace.yaml')), 'packages');
      const lerna = field(await reader.repository.json(posix.join(folder, 'lerna.json')), 'packages');
      return [...texts(workspaces), ...texts(field(workspaces, 'packages')), ...texts(pnpm), ...texts(lerna)];
    },
    rootMembers: async () => [],
  },
  {
    id: 'python',
    names: ['pyproject.toml', 'setup.py', 'setup.cfg', 'Pipfile', 'requirements.txt'],
    defaultPackageManager: 'pip',
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
    isLocked: (folder, reader) => lockedBy(pythonLocks, folder, reader) !== undefined,
    members: async (manifest, reader) => {
      if (!manifest.endsWith('pyproject.toml')) return [];
      const workspace = field(field(field(await reader.repository.toml(manifest), 'tool'), 'uv'), 'workspace');
      return memberGlobs(workspace);
    },
    rootMembers: async () => [],
  },
  {
    id: 'rust',
    names: ['Cargo.toml'],
    defaultPackageManager: 'cargo',
    isProject: async () => true,
    packageManager: async () => 'cargo',
    isLocked: () => false,
    members: async (manifest, reader) => memberGlobs(field(await reader.repository.toml(manifest), 'workspace')),
    rootMembers: async () => [],
  },
  {
    id: 'go',
    names: ['go.mod'],
    defaultPackageManager: 'go',
    isProject: async () => true,
    packageManager: async () => 'go',
    isLocked: () => false,
    members: async () => [],
    rootMembers: async (reader) => usesOf((await reader.repository.text('go.work')) ?? ''),
  },
];

/** Returns the folders of the `use` directives in a go.work file. */
function usesOf(text: string): string[] {
  const code = text.replace(/\/\/.*$/gm, '');
  const blocks = [...code.matchAll(/^\s*use\s*\(([^)]*)\)/gm)].flatMap((match) => (match[1] as string).split('\n'));
  const lines = [...code.matchAll(/^\s*use\s+([^\s(]+)\s*$/gm)].map((match) => match[1] as string);
  return [...blocks, ...lines].map((name) => name.trim().replace(/^"(.*)"$/, '$1')).filter((name) => name !== '');
}

/** Returns the member globs of a workspace table, with excluded ones as `!glob`. */
function memberGlobs(workspace: unknown): string[] {
  return [...texts(field(workspace, 'members')), ...texts(field(workspace, 'exclude')).map((glob) => `!${glob}`)];
}

/** Returns the package manager of the first lock file that exists in a folder. */
function lockedBy(
  table: readonly (readonly [string, string])[],
  folder: string,
  reader: StackReader,
): string | undefined {
  return table.find(([lock]) => reader.exists(posix.join(folder, lock)))?.[1];
}

/** Returns a property of an unknown value, or undefined if there is no such property. */
export function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

/** Returns the strings of an array, or an empty array for any other value. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
