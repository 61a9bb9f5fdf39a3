/** Resolves the calls of files and formats their part of the result. */
import { BreadcrumbCache, type WorkspaceIndex } from './breadcrumb-cache.ts';
import type { Links, ResultPart } from './cached-result.ts';
import type { FileError } from './extract/facts.ts';
import type { FileEntry } from './files/cached-facts.ts';
import type { ModuleConfig } from './resolve/modules/module-config.ts';
import type { Resolution } from './resolve/resolve-call.ts';
import { formatError, formatFile } from './write-result.ts';

/** Part of the result that belongs to one file, and what it was compared with. */
export interface ResolvedPart extends ResultPart {
  /** Names of methods that calls on unknown receivers were compared with. */
  readonly fallbacks: readonly string[];
}

/** Minimum number of calls between two reports of counts. */
const minReportedCalls = 5000;

/** Resolves all calls of these files. */
export function resolveEntries(entries: readonly FileEntry[], index: WorkspaceIndex): ResolvedPart[] {
  const breadcrumbs = new BreadcrumbCache(index);
  let unreported = 0;
  const parts = entries.map((entry): ResolvedPart => {
    const { name, sha256, facts, interfaceHash = '', error: fileError, size, mtimeMs, ctimeMs, ino } = entry;
    const error = fileError ?? toSyntaxError(facts?.syntaxError);
    const unit = index.unit(name);
    const resolutions = unit ? breadcrumbs.resolveFile(unit) : [];
    const text = (error ? formatError(name, error) : '') + (unit ? formatFile(unit, resolutions) : '');
    unreported += resolutions.length;
    if (unreported > minReportedCalls) {
      unreported = 0;
      breadcrumbs.report();
    }
    return {
      name,
      stat: { size, mtimeMs, ctimeMs, ino },
      sha256,
      interfaceHash,
      hasError: error !== undefined,
      tiers: countTiers(resolutions),
      // Encode immediately: thousands of concatenated strings cost the garbage collector more than the bytes.
      lines: Buffer.from(text),
      fallbacks: index.resolver.takeFallbacks(),
    };
  });
  breadcrumbs.report();
  return parts;
}

function countTiers(resolutions: readonly Resolution[]): Record<string, number> {
  const tiers: Record<string, number> = {};
  for (const { tier } of resolutions) tiers[tier] = (tiers[tier] ?? 0) + 1;
  return tiers;
}

function toSyntaxError(message: string | undefined): FileError | undefined {
  return message === undefined ? undefined : { type: 'syntax_error', message };
}

/** Returns what links the files, after all of them were resolved. */
export function linkFiles(
  entries: readonly FileEntry[],
  parts: readonly ResolvedPart[],
  { resolver, unit }: WorkspaceIndex,
  config: ModuleConfig,
): Links {
  const indexes = new Map(entries.map(({ name }, index) => [name, index]));
  return {
    config,
    targets: entries.map(({ name }) => listTargetIndexes(resolver.listTargets(name), indexes)),
    fallbacks: parts.map(({ fallbacks }) => fallbacks),
    methods: entries.map(({ name }) => unit(name)?.methodNames ?? []),
    ambient: entries.flatMap(({ facts }, index) => (facts?.ambientModules ? [index] : [])),
  };
}

/** Replaces the names of files by their indexes. Folders remain texts. */
export function listTargetIndexes(
  targets: readonly string[],
  indexes: ReadonlyMap<string, number>,
): (number | string)[] {
  return targets.flatMap((target): (number | string)[] => {
    if (target.endsWith('/')) return [target];
    const index = indexes.get(target);
    return index === undefined ? [] : [index];
  });
}
