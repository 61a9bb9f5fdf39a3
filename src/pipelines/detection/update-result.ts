/** Updates the result of the last run after a few files have changed. */
import { join, posix } from 'node:path';
import type { WorkspaceIndex } from './breadcrumb-cache.ts';
import {
  type CachedResult,
  type Links,
  patchCachedResult,
  type ReplacedPart,
  readFacts,
  readLinks,
} from './cached-result.ts';
import { extractDirectly, extractFiles, isCacheable } from './extract/extract-files.ts';
import {
  encodeEntry,
  type FileEntry,
  hashFile,
  openStoredFacts,
  type SourceFileWithStat,
} from './files/cached-facts.ts';
import { FileUnit } from './resolve/file-unit.ts';
import { groupMethods } from './resolve/loaded-units.ts';
import { NameResolver } from './resolve/name-resolver.ts';
import { listTargetIndexes, resolveEntries } from './resolve-entries.ts';
import type { FileRow } from './result-index.ts';
import { UnitMemory } from './unit-memory.ts';

export interface UpdateInput {
  readonly cache: string;
  readonly workspace: string;
  /** All source files, in the order of the rows. */
  readonly files: readonly SourceFileWithStat[];
  readonly stop: Int32Array<SharedArrayBuffer>;
  /** Files that an earlier update has loaded. */
  readonly memory?: UnitMemory;
}

export interface UpdatedResult extends CachedResult {
  /** Number of files that were read. */
  readonly read: number;
}

/** Maximum number of files to extract in this thread. */
export const maxDirectFiles = 8;
/** If more files are affected, computing everything is as fast. */
const maxAffectedShare = 0.3;

/**
 * Extracts the changed files and resolves the files that depend on them. Returns undefined if everything must be computed again.
 * Throws a `DamagedSegmentError` if the cache is damaged.
 * @param candidates indexes of the files whose stat has changed
 */
export async function updateResult(
  { cache, workspace, files, stop, memory = new UnitMemory() }: UpdateInput,
  cached: CachedResult,
  candidates: readonly number[],
): Promise<UpdatedResult | undefined> {
  const { rows, header } = cached;
  const stats = new Map(candidates.map((index) => [index, (files[index] as SourceFileWithStat).stat]));
  const changed = candidates.filter((index) => {
    const { name, sha256 } = rows[index] as FileRow;
    return hashFile(join(workspace, name)) !== sha256;
  });
  if (changed.length === 0) return { ...patchCachedResult(cache, cached, [], undefined, stats), read: 0 };
  if (changed.length > rows.length * maxAffectedShare) return undefined;
  const stored = openStoredFacts(cache, header.factsId);
  const links = readLinks(cached);
  const sources = changed.map((index) => files[index] as SourceFileWithStat);
  const extract = sources.length <= maxDirectFiles ? extractDirectly : extractFiles;
  const extracted = await extract(workspace, sources, stop);
  if (extracted.length < changed.length || !extracted.every(isCacheable)) return undefined;
  const fresh = new Map(extracted.map((entry) => [entry.name, entry]));
  const change = findAffected(cached, links, changed, fresh);
  if (!change || change.affected.length > rows.length * maxAffectedShare) return undefined;
  const byName = new Map(rows.map((row, index) => [row.name, index]));
  const load = (row: FileRow): FileUnit | undefined => memory.get(row, () => readFacts(cached, stored, row));
  const index = indexLazily({ links: { ...links, methods: change.methods }, rows, byName, fresh, load });
  const entries = change.affected.map((position): FileEntry => {
    const row = rows[position] as FileRow;
    const entry = fresh.get(row.name);
    if (entry) return entry;
    const facts = index.unit(row.name)?.facts;
    return {
      ...row.stat,
      name: row.name,
      sha256: row.sha256,
      interfaceHash: row.interfaceHash,
      ...(facts ? { facts } : {}),
    };
  });
  const parts = resolveEntries(entries, index);
  const targets = [...links.targets];
  const fallbacks = [...links.fallbacks];
  for (const [order, position] of change.affected.entries()) {
    const hit = listTargetIndexes(index.resolver.listTargets((entries[order] as FileEntry).name), byName);
    targets[position] = [
      ...new Set([...(fresh.has((entries[order] as FileEntry).name) ? [] : (targets[position] ?? [])), ...hit]),
    ];
    fallbacks[position] = parts[order]?.fallbacks ?? [];
  }
  const newLinks: Links = { ...links, targets, fallbacks, methods: change.methods };
  // Only the links of these files can have changed; comparing all of them would take longer than the update.
  const isLinked = change.affected.every((position) =>
    (['targets', 'fallbacks', 'methods'] as const).every(
      (key) => JSON.stringify(newLinks[key][position]) === JSON.stringify(links[key][position]),
    ),
  );
  const replaced = parts.map(({ lines, fallbacks: _, ...part }, order): ReplacedPart => {
    const entry = fresh.get(part.name);
    return {
      index: change.affected[order] as number,
      row: part,
      lines,
      ...(entry ? { facts: Buffer.concat(encodeEntry(entry)) } : {}),
    };
  });
  stored?.close();
  const updated = patchCachedResult(cache, { ...cached, links }, replaced, isLinked ? undefined : newLinks, stats);
  return { ...updated, read: changed.length };
}

interface Change {
  /** Indexes of the files whose calls may have other targets, sorted. */
  readonly affected: number[];
  readonly methods: readonly (readonly string[])[];
}

/** Finds the files that depend on what others can see of the changed files. Returns undefined if all files may do. */
function findAffected(
  { rows }: CachedResult,
  links: Links,
  changed: readonly number[],
  fresh: ReadonlyMap<string, FileEntry>,
): Change | undefined {
  const affected = new Set(changed);
  const visible: number[] = [];
  const methods = [...links.methods];
  const changedMethods = new Set<string>();
  for (const index of changed) {
    const row = rows[index] as FileRow;
    const { facts, interfaceHash = '' } = fresh.get(row.name) as FileEntry;
    if (interfaceHash === row.interfaceHash) continue;
    // These files affect others that do not import them.
    if (links.ambient.includes(index) || facts?.ambientModules || posix.basename(row.name) === 'conftest.py')
      return undefined;
    // A file that can be read again may be the target of imports that led elsewhere, and the other way round.
    if (!facts || !row.facts) return undefined;
    visible.push(index);
    const names = new FileUnit(row.name, facts).methodNames;
    for (const name of symmetricDifference(names, links.methods[index] ?? [])) changedMethods.add(name);
    methods[index] = names;
  }
  if (visible.length > 0) addDependents(rows, links, visible, affected);
  if (changedMethods.size > 0) {
    for (const [index, names] of links.fallbacks.entries()) {
      if (names.some((name) => changedMethods.has(name))) affected.add(index);
    }
  }
  return { affected: [...affected].sort((a, b) => a - b), methods };
}

/** Returns the items whose number differs between two lists. */
function symmetricDifference(a: readonly string[], b: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of a) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const name of b) counts.set(name, (counts.get(name) ?? 0) - 1);
  return [...counts].filter(([, times]) => times !== 0).map(([name]) => name);
}

/** Adds the files that import one of the files, directly or through other files. */
function addDependents(rows: readonly FileRow[], links: Links, start: readonly number[], affected: Set<number>): void {
  const importers = new Map<number, number[]>();
  const folders: [folder: string, importer: number][] = [];
  for (const [importer, targets] of links.targets.entries()) {
    for (const target of targets) {
      if (typeof target === 'string') folders.push([target, importer]);
      else {
        const list = importers.get(target);
        if (list) list.push(importer);
        else importers.set(target, [importer]);
      }
    }
  }
  const queue = [...start];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const name = (rows[next] as FileRow).name;
    const direct = importers.get(next) ?? [];
    const through = folders.filter(([folder]) => name.startsWith(folder)).map(([, importer]) => importer);
    for (const importer of [...direct, ...through]) {
      if (affected.has(importer) && !start.includes(importer)) continue;
      if (affected.has(importer)) continue;
      affected.add(importer);
      queue.push(importer);
    }
  }
}

interface LazyInput {
  readonly links: Links;
  readonly rows: readonly FileRow[];
  readonly byName: ReadonlyMap<string, number>;
  readonly fresh: ReadonlyMap<string, FileEntry>;
  readonly load: (row: FileRow) => FileUnit | undefined;
}

/** Builds an index that reads the facts of a file when they are needed. */
function indexLazily({ links, rows, byName, fresh, load }: LazyInput): WorkspaceIndex {
  const units = new Map<string, FileUnit | undefined>();
  const unit = (name: string): FileUnit | undefined => {
    if (units.has(name)) return units.get(name);
    const index = byName.get(name);
    const row = index === undefined ? undefined : rows[index];
    const entry = fresh.get(name);
    const loaded = entry ? entry.facts && new FileUnit(name, entry.facts) : row && load(row);
    units.set(name, loaded);
    return loaded;
  };
  let methods: Map<string, string[]> | undefined;
  const resolver = new NameResolver(
    {
      names: rows.filter((row) => row.facts !== undefined).map(({ name }) => name),
      get: unit,
      ambientUnits: links.ambient.flatMap((index) => unit((rows[index] as FileRow).name) ?? []),
      methodFiles: (name) => {
        methods ??= groupMethods(rows.map((row, index) => [row.name, links.methods[index] ?? []]));
        return methods.get(name) ?? [];
      },
    },
    links.config,
  );
  return { resolver, unit };
}
