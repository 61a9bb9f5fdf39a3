/** The breadcrumb cache: where calls lead, remembered for calls of the same text in the same place. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { count, gauge, item, measured, nowNs, operation } from '../../probe/api/api.ts';
import { hashOf } from './files/content-hash.ts';
import type { Entry } from './files/incremental.ts';
import { type Config, configsAmong, readConfigs } from './resolve/module-config.ts';
import { placeOf, type Resolution, resolve, resolvedTiers, type Tier } from './resolve/resolve.ts';
import { Unit } from './resolve/unit.ts';
import { Workspace } from './resolve/workspace.ts';

/** More than the places of a workspace of ten thousand files: a cache below that number forgets all of them in turn. */
const mostEntries = 65_536;
const lifeMs = 3_600_000;
const component = 'breadcrumb_cache';

export interface Index {
  readonly workspace: Workspace;
  readonly units: ReadonlyMap<string, Unit>;
}

/** Makes the facts of all files one index. `names` are all files of the workspace, sources or not. */
export const indexWorkspace = measured(
  component,
  'index_workspace',
  (entries: readonly Entry[], folder: string, names: readonly string[]): Index => {
    const configs: Config[] = readConfigs(folder, names);
    const units = entries.flatMap(({ name, sha256, facts }) => (facts ? [new Unit(name, sha256, facts)] : []));
    return { workspace: new Workspace(units, configs), units: new Map(units.map((unit) => [unit.name, unit])) };
  },
);

/** One text for the list of all files and all that configures their imports: it changes when either does. */
export function surroundingsOf(folder: string, names: readonly string[]): string {
  const configs = configsAmong(names).map((name) => {
    const stat = lstatSync(join(folder, name), { throwIfNoEntry: false });
    return [name, stat?.size, stat?.mtimeMs, stat?.ctimeMs, stat?.ino];
  });
  return hashOf(Buffer.from(JSON.stringify([names, configs])));
}

/** Tells how calls were resolved. */
function tellTiers(tiers: Iterable<readonly [string, number]>): void {
  let resolved = 0;
  for (const [tier, times] of tiers) {
    count(tier, times, { component });
    if ((resolvedTiers as readonly string[]).includes(tier)) resolved += times;
  }
  if (resolved > 0) count('resolved', resolved, { component });
}

/** Files whose calls need not be resolved, because the last run's answer stands. */
const recalls = operation(component, 'recall_file');

/** Tells the profiler that every file's calls were known from the last run. */
export function tellKept(files: number, tiers: Readonly<Record<string, number>>): void {
  recalls.hit(files);
  tellTiers(Object.entries(tiers));
}

/** One look-up for each call, counted by hand in `resolveFile`: a look-up is shorter than the frame around a function. */
const lookups = operation(component, 'resolve_call');

export class Breadcrumbs {
  readonly #index: Index;
  readonly #tiers = new Map<Tier, number>();
  /** All that was reported. */
  readonly tiers = new Map<string, number>();
  #evictions = 0;
  readonly #cache: LRUCache<string, Resolution>;

  constructor(index: Index) {
    this.#index = index;
    let calls = 0;
    for (const unit of index.units.values()) calls += unit.facts.calls.length;
    this.#cache = new LRUCache({
      // All of it is reserved at once: no more than there are calls.
      max: Math.min(mostEntries, Math.max(1, calls)),
      ttl: lifeMs,
      ttlResolution: 1000,
      dispose: (_value, _key, reason) => {
        if (reason === 'evict') this.#evictions++;
      },
    });
  }

  /** Where each call of a file leads, in the order of its calls. */
  readonly resolveFile = measured(component, 'resolve_file', (unit: Unit): Resolution[] => {
    const startNs = nowNs();
    const { workspace } = this.#index;
    let hits = 0;
    const found = unit.facts.calls.map((call) => {
      const callNs = nowNs();
      const key = `${unit.key}\0${placeOf(workspace, unit, call)}\0${call[5]}`;
      let resolution = this.#cache.get(key);
      if (resolution) hits++;
      else {
        resolution = resolve(workspace, unit, call);
        this.#cache.set(key, resolution);
      }
      lookups.record(nowNs() - callNs);
      this.#tiers.set(resolution.tier, (this.#tiers.get(resolution.tier) ?? 0) + 1);
      return resolution;
    });
    const misses = found.length - hits;
    lookups.hit(hits);
    lookups.miss(misses);
    item({
      component: 'concurrent_extractor',
      name: unit.name,
      file: unit.name,
      parts: { resolve_file: nowNs() - startNs },
      counts: { cacheHits: hits, cacheMisses: misses },
    });
    return found;
  });

  /** Tells the profiler how full the cache is and how calls were resolved since the last time. */
  report(): void {
    gauge('entries', this.#cache.size, { component });
    gauge('evictions', this.#evictions, { component });
    tellTiers(this.#tiers);
    for (const [tier, times] of this.#tiers) this.tiers.set(tier, (this.tiers.get(tier) ?? 0) + times);
    this.#tiers.clear();
  }
}
