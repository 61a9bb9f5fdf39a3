/** Reads Python lock files: uv.lock, poetry.lock, pdm.lock, pylock.toml, Pipfile.lock, and requirements with hashes. */
import type { LockContent, LockEntry, PackageOrigin } from './lock.ts';
import { parsePipRequirements } from './pip-requirements.ts';
import { hashesIn, isTable, parseTomlBlocks, textIn } from './toml-blocks.ts';

type Table = Readonly<Record<string, unknown>>;

/** Reads uv.lock, poetry.lock, pdm.lock and pylock.toml, which have one table per package. */
export async function readTables(text: string): Promise<LockContent> {
  const { rest, packages } = await parseTomlBlocks(text);
  const metadata = isTable(rest['metadata']) ? rest['metadata'] : {};
  // Poetry before 1.3 stores the files of all packages at the end.
  const files = isTable(metadata['files']) ? metadata['files'] : isTable(metadata['hashes']) ? metadata['hashes'] : {};
  const version = rest['version'] ?? rest['lock-version'] ?? metadata['lock-version'] ?? metadata['lock_version'];
  return {
    ...(version !== undefined && { version: String(version) }),
    entries: packages.map(({ line, value }) => entryOf(value, line, files)),
  };
}

function entryOf(table: Table, line: number, filesByName: Table): LockEntry {
  const name = textIn(table, 'name') ?? '';
  const source = isTable(table['source']) ? table['source'] : {};
  const { origin, resolved } = sourceOf(table, source);
  const files = filesByName[name];
  const hashes = [
    ...['files', 'sdist', 'wheels', 'archive'].flatMap((key) => hashesIn(table[key] ?? [])),
    ...(Array.isArray(files)
      ? files.flatMap((file) => (typeof file === 'string' ? [`sha256:${file}`] : hashesIn([file])))
      : []),
  ];
  const vcs = isTable(table['vcs']) ? table['vcs'] : {};
  const commit =
    textIn(source, 'resolved_reference') ??
    textIn(table, 'revision') ??
    textIn(vcs, 'commit-id') ??
    /#([0-9a-f]{40})$/.exec(resolved ?? '')?.[1];
  const integrity = hashes.length > 0 ? hashes.join(' ') : commit;
  const groups = table['groups'];
  const dev = table['category'] === 'dev' || (Array.isArray(groups) && groups.length > 0 && !isMain(groups));
  return {
    name,
    version: textIn(table, 'version') ?? '',
    origin,
    line,
    ...(resolved && { resolved }),
    ...(integrity && { integrity }),
    ...(dev && { dev }),
    ...(table['optional'] === true && { optional: true }),
  };
}

const isMain = (groups: readonly unknown[]): boolean => groups.some((group) => group === 'main' || group === 'default');

/** Determines where a package comes from; each tool records it under other keys. */
function sourceOf(table: Table, source: Table): { origin: PackageOrigin; resolved?: string } {
  const from = (origin: PackageOrigin, address: string | undefined): { origin: PackageOrigin; resolved?: string } => ({
    origin,
    ...(address && { resolved: address }),
  });
  for (const key of ['editable', 'virtual', 'directory', 'path']) {
    const folder = textIn(source, key) ?? textIn(table, key) ?? pathIn(table[key]);
    if (folder !== undefined) return from(folder === '.' ? 'workspace' : 'file', folder);
  }
  const vcs = isTable(table['vcs']) ? table['vcs'] : {};
  const git = textIn(source, 'git') ?? textIn(table, 'git') ?? textIn(vcs, 'url');
  if (git !== undefined) return from('git', git);
  const type = textIn(source, 'type');
  const url = textIn(source, 'url');
  if (type === 'git') return from('git', url);
  if (type === 'directory' || type === 'file') return from('file', url);
  if (type === 'url' || (url !== undefined && type === undefined)) return from('url', url);
  return from('registry', textIn(source, 'registry') ?? url ?? textIn(table, 'url') ?? textIn(table, 'index'));
}

const pathIn = (value: unknown): string | undefined => (isTable(value) ? textIn(value, 'path') : undefined);

export async function readPipfile(text: string): Promise<LockContent> {
  const file = JSON.parse(text) as Table;
  const entries = ['default', 'develop'].flatMap((group) =>
    Object.entries(isTable(file[group]) ? file[group] : {}).map(([name, value]): LockEntry => {
      const table = isTable(value) ? value : {};
      const hashes = Array.isArray(table['hashes']) ? table['hashes'].join(' ') : '';
      const git = textIn(table, 'git');
      const path = textIn(table, 'path') ?? textIn(table, 'file');
      const integrity = hashes || (git && textIn(table, 'ref'));
      const resolved = git ?? path;
      return {
        name,
        version: (textIn(table, 'version') ?? '').replace(/^==/, ''),
        origin: git ? 'git' : path === undefined ? 'registry' : /^https?:/.test(path) ? 'url' : 'file',
        line: text.slice(0, Math.max(text.indexOf(`"${name}": {`), 0)).split('\n').length,
        ...(resolved && { resolved }),
        ...(integrity && { integrity }),
        ...(group === 'develop' && { dev: true }),
      };
    }),
  );
  return { entries };
}

/** Reads a requirements file. It is a lock file only with hashes: pip then installs no package without one. */
export async function readRequirements(text: string): Promise<LockContent> {
  const entries = parsePipRequirements(text).map(({ name, specifier, address, hashes, line }): LockEntry => {
    const commit = /@([0-9a-f]{40})(?:[#?].*)?$/.exec(address ?? '')?.[1];
    const integrity = hashes.join(' ') || commit;
    return {
      name,
      version: /^={2,3}\s*([^,*\s]+)$/.exec(specifier)?.[1] ?? '',
      origin: !address ? 'registry' : /^git\+/.test(address) ? 'git' : /^https?:/.test(address) ? 'url' : 'file',
      line,
      ...(address && { resolved: address }),
      ...(integrity && { integrity }),
    };
  });
  return { entries };
}
