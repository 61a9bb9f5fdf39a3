/** Reads the dependencies that a manifest requires, in one form for all languages. */
import { posix } from 'node:path';
import { parsePipRequirements } from '../../../locks/pip-requirements.ts';
import { parseGoMod } from '../../../locks/read-go.ts';
import { foldersAround } from '../../../repository/folders.ts';
import { field, texts } from '../../../repository/manifest-formats.ts';
import type { Repository, Stack } from '../../../repository/repository.ts';
import { normalizePackageName } from '../../normalize-package-name.ts';

export interface ManifestRequirement {
  readonly name: string;
  /** Range as written. Empty if any version is allowed, or if the package comes from elsewhere (a folder, git). */
  readonly range: string;
  readonly kind: 'required' | 'dev' | 'optional' | 'peer';
  /** Starts at 1. Undefined if unknown. */
  readonly line?: number;
}

type RequirementReader = (repository: Repository, stack: Stack) => Promise<ManifestRequirement[]>;

/** Reads all requirements of a manifest. A package in several groups occurs several times. */
export async function readManifestRequirements(repository: Repository, stack: Stack): Promise<ManifestRequirement[]> {
  const requirements = await readers[stack.id](repository, stack);
  const text = (await repository.text(stack.manifest)) ?? '';
  const lines = text.split('\n');
  return requirements.map((requirement) => {
    const line = requirement.line ?? findLine(lines, requirement.name);
    return line ? { ...requirement, line } : requirement;
  });
}

/** Returns the first line with the name as a key or at the start of a quoted requirement, starting at 1. */
function findLine(lines: readonly string[], name: string): number | undefined {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/-/g, '[-_.]');
  const pattern = new RegExp(`^\\s*["']?${escaped}["']?\\s*[:=]|["']${escaped}\\s*(?:["'<>=!~;[ @(]|$)`, 'i');
  const index = lines.findIndex((line) => pattern.test(line));
  return index < 0 ? undefined : index + 1;
}

const readers: Readonly<Record<Stack['id'], RequirementReader>> = {
  node: async (repository, { manifest }) => {
    const content = await repository.json(manifest);
    return Object.entries({
      dependencies: 'required',
      devDependencies: 'dev',
      optionalDependencies: 'optional',
      peerDependencies: 'peer',
    } as const).flatMap(([group, kind]) =>
      entriesOf(field(content, group)).map(([name, range]) => ({ name, range: String(range), kind })),
    );
  },
  python: readPython,
  rust: readRust,
  go: async (repository, { manifest }) => {
    const { requires, replaces } = parseGoMod((await repository.text(manifest)) ?? '');
    const replacements = new Map(replaces.map((replace) => [replace.name, replace]));
    return requires.flatMap(({ name, version, line }) => {
      const replacement = replacements.get(name);
      // Replaced by a local folder.
      if (replacement && replacement.version === undefined) return [];
      return [{ name: replacement?.target ?? name, range: replacement?.version ?? version, kind: 'required', line }];
    });
  },
};

async function readPython(repository: Repository, { manifest, folder }: Stack): Promise<ManifestRequirement[]> {
  if (manifest.endsWith('requirements.txt'))
    return readPipText((await repository.text(manifest)) ?? '', 'required', true);
  if (manifest.endsWith('Pipfile')) {
    const content = await repository.toml(manifest);
    return [...readTable(field(content, 'packages'), 'required'), ...readTable(field(content, 'dev-packages'), 'dev')];
  }
  if (!manifest.endsWith('pyproject.toml')) {
    const text = await repository.text(posix.join(folder, 'requirements.txt'));
    return text === undefined ? [] : readPipText(text, 'required');
  }
  const content = await repository.toml(manifest);
  const project = field(content, 'project');
  const tool = field(content, 'tool');
  const poetry = field(tool, 'poetry');
  const readList = (value: unknown, kind: ManifestRequirement['kind']): ManifestRequirement[] =>
    readPipText(texts(value).join('\n'), kind);
  return [
    ...readList(field(project, 'dependencies'), 'required'),
    ...valuesOf(field(project, 'optional-dependencies')).flatMap((list) => readList(list, 'optional')),
    ...valuesOf(field(content, 'dependency-groups')).flatMap((list) => readList(list, 'dev')),
    ...readList(field(field(tool, 'uv'), 'dev-dependencies'), 'dev'),
    ...valuesOf(field(field(tool, 'pdm'), 'dev-dependencies')).flatMap((list) => readList(list, 'dev')),
    ...readTable(field(poetry, 'dependencies'), 'required'),
    ...readTable(field(poetry, 'dev-dependencies'), 'dev'),
    ...valuesOf(field(poetry, 'group')).flatMap((group) => readTable(field(group, 'dependencies'), 'dev')),
  ];
}

/** Parses requirements. One with an environment marker is optional, because it may apply to other systems only. */
function readPipText(text: string, kind: ManifestRequirement['kind'], isFile = false): ManifestRequirement[] {
  const lines = text.split('\n');
  return parsePipRequirements(text).map(({ name, specifier, address, line }) => ({
    name,
    range: address ? '' : specifier,
    kind: kind === 'required' && lines[line - 1]?.replace(/#.*/, '').includes(';') ? 'optional' : kind,
    ...(isFile ? { line } : {}),
  }));
}

/** Reads a table of Poetry or Pipenv: `name = "^1"` or `name = {version = "^1", optional = true}`. */
function readTable(table: unknown, kind: ManifestRequirement['kind']): ManifestRequirement[] {
  return entriesOf(table)
    .filter(([name]) => normalizePackageName(name) !== 'python')
    .map(([name, value]) => {
      const version = typeof value === 'string' ? value : field(value, 'version');
      const isOptional = field(value, 'optional') === true || field(value, 'markers') !== undefined;
      return { name, range: typeof version === 'string' ? version : '', kind: isOptional ? 'optional' : kind };
    });
}

const rustGroups = { dependencies: 'required', 'build-dependencies': 'required', 'dev-dependencies': 'dev' } as const;

async function readRust(repository: Repository, { manifest, folder }: Stack): Promise<ManifestRequirement[]> {
  const content = await repository.toml(manifest);
  const inherited = field(field(await readCargoWorkspace(repository, folder), 'workspace'), 'dependencies');
  const tables = [content, ...valuesOf(field(content, 'target'))];
  return tables.flatMap((table) =>
    Object.entries(rustGroups).flatMap(([group, kind]) =>
      entriesOf(field(table, group)).map(([key, value]): ManifestRequirement => {
        const declaration = field(value, 'workspace') === true ? field(inherited, key) : value;
        const version = typeof declaration === 'string' ? declaration : field(declaration, 'version');
        const name = field(declaration, 'package') ?? field(value, 'package') ?? key;
        return { name: String(name), range: typeof version === 'string' ? version : '', kind };
      }),
    ),
  );
}

/** Returns the manifest of the Cargo workspace that a crate belongs to: its own, or the nearest one around it. */
async function readCargoWorkspace(repository: Repository, folder: string): Promise<unknown> {
  let content: unknown;
  for (const candidate of foldersAround(folder)) {
    content = await repository.toml(posix.join(candidate, 'Cargo.toml'));
    if (field(content, 'workspace')) break;
  }
  return content;
}

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];
const valuesOf = (value: unknown): unknown[] => entriesOf(value).map(([, item]) => item);
