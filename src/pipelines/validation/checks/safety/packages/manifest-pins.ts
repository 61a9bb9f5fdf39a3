/** Finds dependencies in manifests that are not pinned: any version, or a source whose content can change. */
import { posix } from 'node:path';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { readLocks } from '../../../locks/locks.ts';
import { parsePipRequirements } from '../../../locks/pip-requirements.ts';
import { parseGoMod } from '../../../locks/read-go.ts';
import { isTable } from '../../../locks/toml-blocks.ts';
import { texts } from '../../../repository/manifest-formats.ts';
import type { Repository } from '../../../repository/repository.ts';

/** Result of one manifest: the number of its dependencies, and those that are not pinned. */
export interface ManifestPins {
  readonly requirementCount: number;
  readonly findings: readonly Finding[];
}

type Table = Readonly<Record<string, unknown>>;

const commitHash = /^[0-9a-f]{40}$|^[0-9a-f]{64}$/;

/** Without peer dependencies, because a library may support every version of a peer. */
const npmGroups = ['dependencies', 'devDependencies', 'optionalDependencies'];

/** Returns the problem with an npm version range, or undefined. */
function npmProblem(range: string, folder: string): string | undefined {
  if (/^(?:workspace|catalog|patch|portal):/.test(range)) return undefined;
  const path = /^(?:file|link):(.*)$/.exec(range)?.[1] ?? (/^\.{0,2}\//.test(range) ? range : undefined);
  if (path !== undefined) return leavesWorkspace(folder, path) ? 'is outside the workspace' : undefined;
  const alias = /^npm:.+@([^@]*)$/.exec(range)?.[1] ?? range;
  if (/^(?:\*|x|X|latest|next|)$/.test(alias.trim())) return 'allows any version';
  const git = /^git(?:\+|:|@)|^(?:github|gitlab|bitbucket|gist):|^[\w-]+\/[\w.-]+(?:#|$)|\.git(?:#|$)/.test(alias);
  if (git) return commitHash.test(/#(.*)$/.exec(alias)?.[1] ?? '') ? undefined : 'comes from Git without a commit';
  if (/^http:/.test(alias)) return 'is downloaded over unencrypted HTTP';
  if (/^https:/.test(alias)) return 'comes from a URL whose content can change';
  return undefined;
}

/** Returns true if a path leads out of the workspace. */
const leavesWorkspace = (folder: string, path: string): boolean =>
  posix.isAbsolute(path) || posix.normalize(posix.join(folder || '.', path)).startsWith('..');

/** Returns the line of a key or list item that starts with the name. The line must also contain `context`. */
function findLine(text: string, name: string, context = ''): number {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const item = new RegExp(`^\\s*(?:${escaped}\\s*[=.]|["']${escaped}["']\\s*[=:])|["']${escaped}(?![\\w.-])`);
  return (
    Math.max(
      0,
      text.split('\n').findIndex((line) => line.includes(context) && item.test(line)),
    ) + 1
  );
}

/** Returns the names of the packages of this workspace, whose version is the one that is here. */
function readWorkspaceNames(repository: Repository): Promise<ReadonlySet<string>> {
  const cached = workspaceNames.get(repository);
  if (cached) return cached;
  const names = repository.files().then(async (files) => {
    const manifests = files.filter((file) => /(?:^|\/)package\.json$/.test(file));
    const contents = await Promise.all(manifests.map((file) => repository.json(file)));
    return new Set(contents.flatMap((content) => (isTable(content) ? texts([content['name']]) : [])));
  });
  workspaceNames.set(repository, names);
  return names;
}

const workspaceNames = new WeakMap<Repository, Promise<ReadonlySet<string>>>();

async function readPackageJson(repository: Repository, file: string, folder: string): Promise<ManifestPins> {
  const manifest = await repository.json(file);
  const localNames = await readWorkspaceNames(repository);
  const text = (await repository.text(file)) ?? '';
  const requirements = npmGroups.flatMap((key) => {
    const group = isTable(manifest) ? manifest[key] : undefined;
    return isTable(group) ? Object.entries(group) : [];
  });
  const findings = requirements.flatMap(([name, range]): Finding[] => {
    const problem = typeof range === 'string' && !localNames.has(name) ? npmProblem(range, folder) : undefined;
    return problem
      ? [{ file, line: findLine(text, name, `"${range}"`), message: `${name} (${range || 'empty'}) ${problem}.` }]
      : [];
  });
  return { requirementCount: requirements.length, findings };
}

async function readCargoToml(repository: Repository, file: string, folder: string): Promise<ManifestPins> {
  const manifest = await repository.toml(file);
  if (!isTable(manifest)) return { requirementCount: 0, findings: [] };
  const text = (await repository.text(file)) ?? '';
  const tables = [manifest, ...tablesIn(manifest['target']), ...tablesIn({ workspace: manifest['workspace'] })];
  const requirements = tables.flatMap((parent) =>
    ['dependencies', 'dev-dependencies', 'build-dependencies'].flatMap((key) => {
      const group = parent[key];
      return isTable(group) ? Object.entries(group) : [];
    }),
  );
  const findings = requirements.flatMap(([name, requirement]): Finding[] => {
    const table: Table = isTable(requirement) ? requirement : { version: requirement };
    const problem =
      table['version'] === '*'
        ? 'allows any version'
        : typeof table['git'] === 'string' && !table['rev'] && !table['tag']
          ? 'comes from Git without a commit or tag'
          : typeof table['path'] === 'string' && leavesWorkspace(folder, table['path'])
            ? 'is outside the workspace'
            : undefined;
    return problem ? [{ file, line: findLine(text, name), message: `${name} ${problem}.` }] : [];
  });
  return { requirementCount: requirements.length, findings };
}

const tablesIn = (value: unknown): Table[] => (isTable(value) ? Object.values(value).filter(isTable) : []);

async function readPyproject(repository: Repository, file: string, folder: string): Promise<ManifestPins> {
  const manifest = await repository.toml(file);
  if (!isTable(manifest)) return { requirementCount: 0, findings: [] };
  const text = (await repository.text(file)) ?? '';
  const project = isTable(manifest['project']) ? manifest['project'] : {};
  const extra = isTable(project['optional-dependencies']) ? Object.values(project['optional-dependencies']) : [];
  const listed = [project['dependencies'], ...extra].flatMap((list) => (Array.isArray(list) ? list : []));
  const tool = isTable(manifest['tool']) ? manifest['tool'] : {};
  const poetry = isTable(tool['poetry']) ? tool['poetry'] : {};
  const poetryGroups = tablesIn(poetry['group']).map((group) => group['dependencies']);
  const inPoetry = [poetry['dependencies'], poetry['dev-dependencies'], ...poetryGroups].flatMap((table) =>
    isTable(table) ? Object.entries(table) : [],
  );
  const findings = [
    ...listed
      .flatMap((line) => (typeof line === 'string' ? parsePipRequirements(line) : []))
      .map(({ name, address }) => [name, urlProblem(address)] as const),
    ...inPoetry
      .filter(([name]) => name !== 'python')
      .map(([name, requirement]) => [name, poetryProblem(requirement, folder)] as const),
  ].flatMap(([name, problem]): Finding[] =>
    problem ? [{ file, line: findLine(text, name), message: `${name} ${problem}.` }] : [],
  );
  return { requirementCount: listed.length + inPoetry.length, findings };
}

function urlProblem(address: string | undefined): string | undefined {
  if (!address) return undefined;
  if (/^git\+/.test(address))
    return /@[0-9a-f]{40}(?:[#?]|$)/.test(address) ? undefined : 'comes from Git without a commit';
  if (/^http:/.test(address)) return 'is downloaded over unencrypted HTTP';
  return /^https:/.test(address) && !/[#&]sha\d+[=:]/.test(address)
    ? 'comes from a URL whose content can change'
    : undefined;
}

function poetryProblem(requirement: unknown, folder: string): string | undefined {
  const table: Table = isTable(requirement) ? requirement : { version: requirement };
  if (table['version'] === '*' || table['version'] === 'latest') return 'allows any version';
  if (typeof table['git'] === 'string')
    return typeof table['rev'] === 'string' || typeof table['tag'] === 'string'
      ? undefined
      : 'comes from Git without a commit or tag';
  if (typeof table['path'] === 'string')
    return leavesWorkspace(folder, table['path']) ? 'is outside the workspace' : undefined;
  return urlProblem(typeof table['url'] === 'string' ? table['url'] : undefined);
}

async function readGoMod(repository: Repository, file: string, folder: string): Promise<ManifestPins> {
  const { requires, replaces } = parseGoMod((await repository.text(file)) ?? '');
  const findings = replaces
    .filter(({ version, target }) => version === undefined && leavesWorkspace(folder, target))
    .map(
      ({ name, target, line }): Finding => ({
        file,
        line,
        message: `${name} is replaced by ${target}, which is outside the workspace.`,
      }),
    );
  return { requirementCount: requires.length + replaces.length, findings };
}

/**
 * Reads a requirements.txt. Without a lock file or constraints, each requirement must have an exact version, because pip
 * installs the newest match.
 */
async function readRequirementsTxt(repository: Repository, file: string, folder: string): Promise<ManifestPins> {
  const text = (await repository.text(file)) ?? '';
  const isLocked = (await readLocks(repository)).some(
    (lock) => lock.stack === 'python' && lock.folder === folder && lock.file !== file,
  );
  const isConstrained = /^\s*(?:-c|--constraint)\b/m.test(text);
  const requirements = parsePipRequirements(text);
  const findings = requirements.flatMap(({ name, specifier, address, line, hashes }): Finding[] => {
    const addressProblem = address !== undefined && hashes.length === 0 ? urlProblem(address) : undefined;
    if (addressProblem) return [{ file, line, message: `${name} ${addressProblem}.` }];
    if (address !== undefined || isLocked || isConstrained || /^={2,3}[^*]+$/.test(specifier)) return [];
    const problem = specifier ? `(${specifier}) allows newer versions` : 'allows any version';
    return [{ file, line, message: `${name} ${problem}.` }];
  });
  return { requirementCount: requirements.length, findings };
}

type ManifestReader = (repository: Repository, file: string, folder: string) => Promise<ManifestPins>;
export const manifestReaders: readonly (readonly [name: RegExp, read: ManifestReader])[] = [
  [/^package\.json$/, readPackageJson],
  [/^Cargo\.toml$/, readCargoToml],
  [/^pyproject\.toml$/, readPyproject],
  [/^go\.mod$/, readGoMod],
  [/^requirements(?:[-_.].*)?\.txt$/, readRequirementsTxt],
];
