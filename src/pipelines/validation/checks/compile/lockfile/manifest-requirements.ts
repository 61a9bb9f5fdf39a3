/** What the manifest of a project wishes for, in one shape for all languages. */
import { posix } from 'node:path';
import { goModIn } from '../../../locks/read-go.ts';
import { requirementsIn } from '../../../locks/requirements.ts';
import { foldersAround } from '../../../repository/folders.ts';
import { field, texts } from '../../../repository/manifest-formats.ts';
import type { Repository, Stack } from '../../../repository/repository.ts';
import { normal } from '../imports/declared-packages.ts';

export interface Wish {
  readonly name: string;
  /** Range as written; empty where any version will do, or where it comes from elsewhere (a folder, git). */
  readonly range: string;
  readonly kind: 'needed' | 'dev' | 'optional' | 'peer';
  /** From 1, where it is known. */
  readonly line?: number;
}

/** Every wish of a manifest; a name that stands in several groups is there several times. */
export async function wishesOf(repository: Repository, stack: Stack): Promise<Wish[]> {
  const wishes = await readers[stack.id](repository, stack);
  const text = (await repository.text(stack.manifest)) ?? '';
  const lines = text.split('\n');
  return wishes.map((wish) => {
    const at = wish.line ?? lineOf(lines, wish.name);
    return at ? { ...wish, line: at } : wish;
  });
}

/** Where a name first stands as a key or at the head of a requirement. */
function lineOf(lines: readonly string[], name: string): number | undefined {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/-/g, '[-_.]');
  const pattern = new RegExp(`^\\s*["']?${escaped}["']?\\s*[:=]|["']${escaped}\\s*(?:["'<>=!~;[ @(]|$)`, 'i');
  const at = lines.findIndex((line) => pattern.test(line));
  return at < 0 ? undefined : at + 1;
}

const readers: Readonly<Record<Stack['id'], (repository: Repository, stack: Stack) => Promise<Wish[]>>> = {
  node: async (repository, { manifest }) => {
    const content = await repository.json(manifest);
    return Object.entries({
      dependencies: 'needed',
      devDependencies: 'dev',
      optionalDependencies: 'optional',
      peerDependencies: 'peer',
    } as const).flatMap(([group, kind]) =>
      pairsIn(field(content, group)).map(([name, range]) => ({ name, range: String(range), kind })),
    );
  },
  python: pythonWishes,
  rust: rustWishes,
  go: async (repository, { manifest }) => {
    const { requires, replaces } = goModIn((await repository.text(manifest)) ?? '');
    const replaced = new Map(replaces.map((one) => [one.name, one]));
    return requires.flatMap(({ name, version, line }) => {
      const other = replaced.get(name);
      if (other && other.version === undefined) return [];
      return [{ name: other?.target ?? name, range: other?.version ?? version, kind: 'needed', line }];
    });
  },
};

async function pythonWishes(repository: Repository, { manifest, folder }: Stack): Promise<Wish[]> {
  if (manifest.endsWith('requirements.txt'))
    return requirementWishes((await repository.text(manifest)) ?? '', 'needed', true);
  if (manifest.endsWith('Pipfile')) {
    const content = await repository.toml(manifest);
    return [
      ...tableWishes(field(content, 'packages'), 'needed'),
      ...tableWishes(field(content, 'dev-packages'), 'dev'),
    ];
  }
  if (!manifest.endsWith('pyproject.toml')) {
    const text = await repository.text(posix.join(folder, 'requirements.txt'));
    return text === undefined ? [] : requirementWishes(text, 'needed');
  }
  const content = await repository.toml(manifest);
  const project = field(content, 'project');
  const tool = field(content, 'tool');
  const poetry = field(tool, 'poetry');
  const listed = (value: unknown, kind: Wish['kind']): Wish[] => requirementWishes(texts(value).join('\n'), kind);
  return [
    ...listed(field(project, 'dependencies'), 'needed'),
    ...valuesIn(field(project, 'optional-dependencies')).flatMap((list) => listed(list, 'optional')),
    ...valuesIn(field(content, 'dependency-groups')).flatMap((list) => listed(list, 'dev')),
    ...listed(field(field(tool, 'uv'), 'dev-dependencies'), 'dev'),
    ...valuesIn(field(field(tool, 'pdm'), 'dev-dependencies')).flatMap((list) => listed(list, 'dev')),
    ...tableWishes(field(poetry, 'dependencies'), 'needed'),
    ...tableWishes(field(poetry, 'dev-dependencies'), 'dev'),
    ...valuesIn(field(poetry, 'group')).flatMap((group) => tableWishes(field(group, 'dependencies'), 'dev')),
  ];
}

/** Those with a marker, which may hold elsewhere alone, may be missing here. */
function requirementWishes(text: string, kind: Wish['kind'], isFile = false): Wish[] {
  const lines = text.split('\n');
  return requirementsIn(text).map(({ name, specifier, address, line }) => ({
    name,
    range: address ? '' : specifier,
    kind: kind === 'needed' && lines[line - 1]?.replace(/#.*/, '').includes(';') ? 'optional' : kind,
    ...(isFile ? { line } : {}),
  }));
}

/** Poetry's and Pipenv's tables: `name = "^1"` or `name = {version = "^1", optional = true}`. */
function tableWishes(table: unknown, kind: Wish['kind']): Wish[] {
  return pairsIn(table)
    .filter(([name]) => normal(name) !== 'python')
    .map(([name, value]) => {
      const version = typeof value === 'string' ? value : field(value, 'version');
      const optional = field(value, 'optional') === true || field(value, 'markers') !== undefined;
      return { name, range: typeof version === 'string' ? version : '', kind: optional ? 'optional' : kind };
    });
}

const rustGroups = { dependencies: 'needed', 'build-dependencies': 'needed', 'dev-dependencies': 'dev' } as const;

async function rustWishes(repository: Repository, { manifest, folder }: Stack): Promise<Wish[]> {
  const content = await repository.toml(manifest);
  const shared = field(field(await workspaceOf(repository, folder), 'workspace'), 'dependencies');
  const tables = [content, ...valuesIn(field(content, 'target'))];
  return tables.flatMap((table) =>
    Object.entries(rustGroups).flatMap(([group, kind]) =>
      pairsIn(field(table, group)).map(([key, value]): Wish => {
        const said = field(value, 'workspace') === true ? field(shared, key) : value;
        const version = typeof said === 'string' ? said : field(said, 'version');
        const name = field(said, 'package') ?? field(value, 'package') ?? key;
        return { name: String(name), range: typeof version === 'string' ? version : '', kind };
      }),
    ),
  );
}

/** The manifest of the workspace that a crate belongs to: its own, or the nearest around it. */
async function workspaceOf(repository: Repository, folder: string): Promise<unknown> {
  let content: unknown;
  for (const place of foldersAround(folder)) {
    content = await repository.toml(posix.join(place, 'Cargo.toml'));
    if (field(content, 'workspace')) break;
  }
  return content;
}

const pairsIn = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];
const valuesIn = (value: unknown): unknown[] => pairsIn(value).map(([, one]) => one);
