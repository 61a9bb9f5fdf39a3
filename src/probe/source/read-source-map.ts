import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FlattenMap, type TraceMap } from '@jridgewell/trace-mapping';

/** Larger files are neither searched for a reference nor read as a source map. */
export const maxFileBytes = 32 * 1024 * 1024;
/** Maximum number of mapped lines and segments. Each takes about 100 bytes of memory. */
const maxSegments = 3_000_000;
/** Maximum line and column at which a section of an indexed map may start. Every line up to it takes memory. */
const maxOffset = 1_000_000;
const maxSections = 10_000;
const maxSectionDepth = 3;
const maxSources = 100_000;
/** Stands for a source that has no name, because the library resolves such a source to a folder. */
export const unnamedSource = '\0unnamed';

/** Returns the text of a regular file of limited size. Throws for anything else, such as a device that never ends. */
export function readSourceText(file: string): string {
  const stats = statSync(file);
  if (!stats.isFile() || stats.size > maxFileBytes) throw new Error(`${file} is not a regular file of limited size`);
  return readFileSync(file, 'utf8');
}

/**
 * Reads the source map that a file refers to with a data URL or a path. Returns undefined if it is missing, malformed or
 * too large.
 */
export function readSourceMap(file: string, url: string): TraceMap | undefined {
  try {
    const inline = /^data:([^,]*),(.*)$/s.exec(url);
    if (inline) return parseSourceMap(decodeData(inline[1] ?? '', inline[2] ?? ''), file);
    const path = url.startsWith('file:')
      ? fileURLToPath(url)
      : resolve(dirname(file), decodePercent(url.split('?')[0] ?? ''));
    return parseSourceMap(readSourceText(path), path);
  } catch {
    return undefined;
  }
}

function decodeData(header: string, data: string): string {
  if (data.length > 2 * maxFileBytes) throw new Error('The source map is too large');
  const text = decodePercent(data);
  return /;base64(;|$)/i.test(header) ? Buffer.from(text, 'base64').toString() : text;
}

function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

interface UncheckedMap {
  readonly mappings?: unknown;
  readonly sections?: unknown;
  sources?: unknown;
  sourcesContent?: unknown;
}

function parseSourceMap(text: string, path: string): TraceMap | undefined {
  // Some servers put `)]}'` in front of JSON, and ECMA-426 skips it.
  const json = text.startsWith(")]}'") ? text.slice(text.indexOf('\n') + 1) : text.replace(/^\uFEFF/, '');
  const map: unknown = JSON.parse(json);
  return new SizeLimit().accepts(map) ? FlattenMap(map as never, pathToFileURL(path).href) : undefined;
}

/** Limits the size of a map with all its sections, and removes what we do not need from it. */
class SizeLimit {
  #segments = maxSegments;
  #sections = maxSections;
  #sources = maxSources;

  accepts(map: unknown, depth = 0): boolean {
    const { mappings, sections } = (map ?? {}) as UncheckedMap;
    if (!Array.isArray(sections))
      return typeof mappings === 'string' && this.#acceptsMap(map as UncheckedMap, mappings);
    this.#sections -= sections.length;
    return (
      depth < maxSectionDepth &&
      this.#sections >= 0 &&
      sections.every((section) => this.#acceptsSection(section, depth))
    );
  }

  #acceptsMap(map: UncheckedMap, mappings: string): boolean {
    this.#segments -= countSegments(mappings);
    if (!Array.isArray(map.sources) || /[^A-Za-z0-9+/,;]/.test(mappings)) return false;
    this.#sources -= map.sources.length;
    map.sources = map.sources.map((source: unknown) =>
      typeof source === 'string' && source !== '' ? source : unnamedSource,
    );
    delete map.sourcesContent;
    return this.#segments >= 0 && this.#sources >= 0;
  }

  #acceptsSection(section: unknown, depth: number): boolean {
    const { offset, map } = (section ?? {}) as { offset?: { line?: unknown; column?: unknown }; map?: unknown };
    return isOffset(offset?.line) && isOffset(offset?.column) && this.accepts(map, depth + 1);
  }
}

function isOffset(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maxOffset;
}

/** Counts the separators, because splitting a large text would take as much memory as the limit is to save. */
function countSegments(mappings: string): number {
  let count = 1;
  for (let index = 0; index < mappings.length; index++) {
    const character = mappings[index];
    if (character === ',' || character === ';') count++;
  }
  return count;
}
