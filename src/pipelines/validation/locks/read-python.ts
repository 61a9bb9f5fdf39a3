/** The locks of Python: uv.lock, poetry.lock, pdm.lock, pylock.toml, Pipfile.lock, and requirements with hashes. */

import type { Content, Entry, Origin } from './lock.ts';
import { requirementsIn } from './requirements.ts';
import { blocksOf, hashesIn, isTable, textIn } from './toml-blocks.ts';

type Table = Readonly<Record<string, unknown>>;

/** uv.lock, poetry.lock, pdm.lock and pylock.toml: one table for each package. */
export async function readTables(text: string): Promise<Content> {
  const { rest, packages } = await blocksOf(text);
  const metadata = isTable(rest['metadata']) ? rest['metadata'] : {};
  // Poetry before 1.3 keeps the files of all packages at the end.
  const files = isTable(metadata['files']) ? metadata['files'] : isTable(metadata['hashes']) ? metadata['hashes'] : {};
  const version = rest['version'] ?? rest['lock-version'] ?? metadata['lock-version'] ?? metadata['lock_version'];
  return {
    ...(version !== undefined && { version: String(version) }),
    entries: packages.map(({ line, value }) => entryOf(value, line, files)),
  };
}

function entryOf(table: Table, line: number, apart: Table): Entry {
  const name = textIn(table, 'name') ?? '';
  const source = isTable(table['source']) ? table['source'] : {};
  const { origin, resolved } = sourceOf(table, source);
  const old = apart[name];
  const hashes = [
    ...['files', 'sdist', 'wheels', 'archive'].flatMap((key) => hashesIn(table[key] ?? [])),
    ...(Array.isArray(old)
      ? old.flatMap((one) => (typeof one === 'string' ? [`sha256:${one}`] : hashesIn([one])))
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

/** Each tool has its own words for where a package comes from. */
function sourceOf(table: Table, source: Table): { origin: Origin; resolved?: string } {
  const at = (origin: Origin, address: string | undefined): { origin: Origin; resolved?: string } => ({
    origin,
    ...(address && { resolved: address }),
  });
  for (const key of ['editable', 'virtual', 'directory', 'path']) {
    const folder = textIn(source, key) ?? textIn(table, key) ?? pathIn(table[key]);
    if (folder !== undefined) return at(folder === '.' ? 'workspace' : 'file', folder);
  }
  const vcs = isTable(table['vcs']) ? table['vcs'] : {};
  const git = textIn(source, 'git') ?? textIn(table, 'git') ?? textIn(vcs, 'url');
  if (git !== undefined) return at('git', git);
  const type = textIn(source, 'type');
  const url = textIn(source, 'url');
  if (type === 'git') return at('git', url);
  if (type === 'directory' || type === 'file') return at('file', url);
  if (type === 'url' || (url !== undefined && type === undefined)) return at('url', url);
  return at('registry', textIn(source, 'registry') ?? url ?? textIn(table, 'url') ?? textIn(table, 'index'));
}

const pathIn = (value: unknown): string | undefined => (isTable(value) ? textIn(value, 'path') : undefined);

export async function readPipfile(text: string): Promise<Content> {
  const file = JSON.parse(text) as Table;
  const entries = ['default', 'develop'].flatMap((group) =>
    Object.entries(isTable(file[group]) ? file[group] : {}).map(([name, value]): Entry => {
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

/** A list of requirements is a lock only where it carries hashes: pip then takes nothing without. */
export async function readRequirements(text: string): Promise<Content> {
  const entries = requirementsIn(text).map(({ name, specifier, address, hashes, line }): Entry => {
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
