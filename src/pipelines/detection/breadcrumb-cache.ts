/** The breadcrumb cache: resolves calls and reuses the resolution of calls with the same text in the same scope. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { count, gauge, item, measured, nowNs, operation } from '../../probe/api/api.ts';
import type { Call } from './extract/facts.ts';
import type { FileEntry } from './files/cached-facts.ts';
import { hashOf } from './files/content-hash.ts';
import { FileUnit } from './resolve/file-unit.ts';
import { loadUnits } from './resolve/loaded-units.ts';
import { filterConfigFiles, type ModuleConfig } from './resolve/modules/module-config.ts';
import { NameResolver } from './resolve/name-resolver.ts';
import { cacheScopeOf, type Resolution, resolveCall, resolvedTiers, type Tier } from './resolve/resolve-call.ts';

const component = 'breadcrumb_cache';
/** Maximum number of different calls of one file that are remembered; only generated files have more. */
const maxFileEntries = 10_000;

export interface WorkspaceIndex {
  readonly resolver: NameResolver;
  /** Returns a file that has facts. */
  readonly unit: (name: string) => FileUnit | undefined;
}

/**
 * Builds one index from the facts of all files.
 * @param config how modules can be imported, besides relative paths
 */
export const indexWorkspace = measured(
  component,
  'index_workspace',
  (entries: readonly FileEntry[], config: ModuleConfig): WorkspaceIndex => {
    const units = entries.flatMap(({ name, facts }) => (facts ? [new FileUnit(name, facts)] : []));
    const source = loadUnits(units);
    return { resolver: new NameResolver(source, config), unit: source.get };
  },
);

/** Hashes what affects resolution besides the source files: the list of all files and the files that configure imports. */
export function hashContext(folder: string, names: readonly string[]): string {
  const configs = filterConfigFiles(names).map((name) => {
    const stat = lstatSync(join(folder, name), { throwIfNoEntry: false });
    return [name, stat?.size, stat?.mtimeMs, stat?.ctimeMs, stat?.ino];
  });
  return hashOf(Buffer.from(JSON.stringify([names, configs])));
}

/** Reports the number of calls by tier. */
function reportTiers(tiers: Iterable<readonly [string, number]>): void {
  let resolved = 0;
  for (const [tier, times] of tiers) {
    count(tier, times, { component });
    if ((resolvedTiers as readonly string[]).includes(tier)) resolved += times;
  }
  if (resolved > 0) count('resolved', resolved, { component });
}

const recallOperation = operation(component, 'recall_file');

/** Reports files whose calls were not resolved because the result of the last run was reused. */
export function reportReusedFiles(files: number, tiers: Readonly<Record<string, number>>): void {
  recallOperation.hit(files);
  reportTiers(Object.entries(tiers));
}

/** Recorded by hand in `resolveFile` because a lookup takes less time than wrapping a function. */
const lookupOperation = operation(component, 'resolve_call');

/** Returns a key of the callee and the scope that gives it its meaning. Most are numbers, because texts take longer to build and hash. */
function cacheKeyOf(resolver: NameResolver, unit: FileUnit, call: Call): number | string {
  const scope = cacheScopeOf(resolver, unit, call);
  const callee = call[5];
  // Scopes are at least -1 and may end in .5.
  return typeof scope === 'number' ? (2 * scope + 2) * unit.facts.callees.length + callee : `${scope} ${callee}`;
}

export class BreadcrumbCache {
  readonly #index: WorkspaceIndex;
  readonly #newTiers = new Map<Tier, number>();
  /** Number of calls by tier that `report` has reported so far. */
  readonly reportedTiers = new Map<string, number>();
  /** Number of different calls that were resolved. */
  #entries = 0;
  #evictions = 0;

  constructor(index: WorkspaceIndex) {
    this.#index = index;
  }

  /** Resolves all calls of a file, in the order of `facts.calls`. */
  readonly resolveFile = measured(component, 'resolve_file', (unit: FileUnit): Resolution[] => {
    const startNs = nowNs();
    const { resolver } = this.#index;
    // Calls in different files never share an entry.
    const cache = new Map<number | string, Resolution>();
    let misses = 0;
    const resolutions = unit.facts.calls.map((call) => {
      const callNs = nowNs();
      const key = cacheKeyOf(resolver, unit, call);
      let resolution = cache.get(key);
      if (!resolution) {
        misses++;
        resolution = resolveCall(resolver, unit, call);
        if (cache.size >= maxFileEntries) this.#evictOldest(cache);
        cache.set(key, resolution);
      }
      lookupOperation.record(nowNs() - callNs);
      this.#newTiers.set(resolution.tier, (this.#newTiers.get(resolution.tier) ?? 0) + 1);
      return resolution;
    });
    const hits = resolutions.length - misses;
    this.#entries += misses;
    lookupOperation.hit(hits);
    lookupOperation.miss(misses);
    item({
      component: 'concurrent_extractor',
      name: unit.name,
      file: unit.name,
      parts: { resolve_file: nowNs() - startNs },
      counts: { cacheHits: hits, cacheMisses: misses },
    });
    return resolutions;
  });

  #evictOldest(cache: Map<number | string, Resolution>): void {
    for (const key of cache.keys()) {
      cache.delete(key);
      this.#evictions++;
      return;
    }
  }

  /** Reports the size of the cache and the tiers of the calls that were resolved since the last report. */
  report(): void {
    gauge('entries', this.#entries, { component });
    gauge('evictions', this.#evictions, { component });
    reportTiers(this.#newTiers);
    for (const [tier, times] of this.#newTiers) {
      this.reportedTiers.set(tier, (this.reportedTiers.get(tier) ?? 0) + times);
    }
    this.#newTiers.clear();
  }
}
